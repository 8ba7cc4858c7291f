from __future__ import annotations

import math
import random

import numpy as np
import pytest

from tta_dev_primitives.ace.evidence.belief import NEWCOMER, PRIOR_MEAN
from tta_dev_primitives.ace.evidence.estimate import Differing, Effects, Judged, estimate


def world(seed: int, runs: int) -> list[Judged]:
    """Return runs in which `good` helps, `bad` harms and `idle` does nothing."""
    draw = random.Random(seed)  # noqa: S311  # no secret
    effects = {"good": 1.2, "bad": -1.2, "idle": 0.0}
    told: list[Judged] = []
    for number in range(runs):
        family, hard = f"f{number % 3}", (number % 3) - 1
        included = {name: draw.random() < 0.5 for name in effects if draw.random() < 0.8}
        odds = hard + sum(effects[name] for name, was_in in included.items() if was_in)
        success = draw.random() < 1 / (1 + math.exp(-odds))
        told.append(Judged(family=family, included=included, success=success))
    return told


def sure(effects: Effects, bullet: str) -> float:
    index = effects.bullets.index(bullet)
    return float(effects.mean[index] / effects.variance[index] ** 0.5)


def test_what_helps_and_what_harms_is_told_apart() -> None:
    effects = estimate(world(1, 500), [])

    assert sure(effects, "good") > 2
    assert sure(effects, "bad") < -2
    assert abs(sure(effects, "idle")) < 2
    assert effects.better("good", "bad") > 0.99
    assert effects.better("bad", "good") == pytest.approx(1 - effects.better("good", "bad"))


def test_counts_are_of_relevant_runs_and_of_those_that_had_it() -> None:
    runs = world(2, 60)
    effects = estimate(runs, [])
    index = effects.bullets.index("bad")

    assert effects.relevant[index] == sum("bad" in run.included for run in runs)
    assert effects.included[index] == sum(run.included.get("bad", False) for run in runs)


def test_the_uplift_is_a_difference_of_success_rates_with_its_interval() -> None:
    effects = estimate(world(3, 500), [])
    good, bad = (effects.uplift_of(effects.bullets.index(name)) for name in ("good", "bad"))

    assert good is not None
    assert bad is not None
    assert (
        good.low < 0.22 < good.high
    )  # 1.2 in log odds is .22 to .29 where success is neither rare nor common
    assert bad.low < -0.22 < bad.high
    assert good.decided


def test_intervals_of_the_uplift_hold_the_truth() -> None:
    held = 0
    for seed in range(30):
        draw = random.Random(seed)  # noqa: S311  # no secret
        coins = [draw.random() < 0.5 for _ in range(120)]
        runs = [
            Judged(family="f", included={"b": coin}, success=draw.random() < (0.7 if coin else 0.5))
            for coin in coins
        ]
        uplift = estimate(runs, []).uplift_of(0)
        assert uplift is not None
        held += uplift.low <= 0.2 <= uplift.high
    assert held >= 26


def test_the_interval_is_that_of_two_proportions_where_there_are_many_runs() -> None:
    """Also the chance without the bullet is an estimate, which the interval has to count in."""
    with_it, without = 1600, 400
    runs = [
        *(Judged(family="f", included={"b": True}, success=number % 20 != 0) for number in range(with_it)),
        *(Judged(family="f", included={"b": False}, success=number % 2 == 0) for number in range(without)),
    ]
    error = (0.95 * 0.05 / with_it + 0.5 * 0.5 / without) ** 0.5
    effects = estimate(runs, [])

    assert effects.uplift_sd[0] == pytest.approx(error, rel=0.05)
    assert effects.uplift[0] == pytest.approx(0.45, abs=0.02)


def test_a_bullet_without_runs_is_believed_to_do_what_others_do() -> None:
    fresh = estimate([], [Differing(bullet="b", only_with=1, only_without=0)])

    assert fresh.uplift_of(0) is None
    assert PRIOR_MEAN < fresh.mean[0] < 2
    assert fresh.variance[0] < NEWCOMER.sd**2


def test_replays_move_the_belief_and_agreement_does_not_count() -> None:
    runs = world(4, 100)
    before = estimate(runs, [])
    speaking = estimate(runs, [Differing(bullet="idle", only_with=12, only_without=0)])

    assert sure(speaking, "idle") > sure(before, "idle") + 1
    assert sure(speaking, "bad") == pytest.approx(sure(before, "bad"), abs=0.5)


def test_a_pair_of_replays_weighs_as_much_as_its_trials() -> None:
    one = estimate([], [Differing(bullet="b", only_with=3, only_without=1)])
    each = estimate(
        [],
        [Differing(bullet="b", only_with=1, only_without=0)] * 3
        + [Differing(bullet="b", only_with=0, only_without=1)],
    )

    assert np.allclose(one.mean, each.mean, atol=1e-6)


def test_bullets_are_not_blamed_for_the_tasks_that_they_are_about() -> None:
    """Hard tasks fail and easy ones succeed, with the eight bullets that bear on hard ones, or without."""
    draw = random.Random(1)  # noqa: S311  # no secret
    runs: list[Judged] = []
    for number in range(100):
        hard, exploring = number % 5 < 2, draw.random() < 0.1
        included = {f"b{n}": not exploring or draw.random() < 0.5 for n in range(8)} if hard else {}
        runs.append(
            Judged(family="general", included=included, success=draw.random() < (0.1 if hard else 0.95))
        )
    effects = estimate(runs, [])

    assert effects.common_mean > 0
    assert min(effects.mean) > -0.1


def test_the_order_of_runs_does_not_matter() -> None:
    runs = world(5, 80)
    forwards, backwards = estimate(runs, []), estimate(runs[::-1], [])

    assert forwards.bullets == backwards.bullets
    assert np.allclose(forwards.mean, backwards.mean, atol=1e-6)
    assert np.allclose(forwards.uplift_sd, backwards.uplift_sd, atol=1e-6)


@pytest.mark.parametrize("included", [True, False])
def test_without_a_run_on_each_side_no_uplift_is_told(*, included: bool) -> None:
    runs = [Judged(family="f", included={"b": included}, success=True) for _ in range(9)]

    assert estimate(runs, []).uplift_of(0) is None
    assert estimate([*runs, Judged(family="f", included={"b": not included}, success=True)], []).uplift_of(0)
    replays = [Differing(bullet="b", only_with=1, only_without=0)]
    assert estimate(runs, replays).uplift_of(0) is not None
