from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ace.evidence.making import after, book, bullet_of, choice, contradicting, episode
from tests.ace.making import provenance
from tta_dev_primitives.ace.delta import Delta, MergeBullets
from tta_dev_primitives.ace.episode import Episode
from tta_dev_primitives.ace.events import Replayed, Revise
from tta_dev_primitives.ace.evidence import NO_BELIEFS, Beliefs
from tta_dev_primitives.ace.evidence.ledger import Ledger, beliefs_of
from tta_dev_primitives.ace.playbook import Playbook

BOOK = book("first lesson", "second lesson")
ONE, TWO = (bullet_of(BOOK, name).id for name in ("str-00001", "str-00002"))


def history(seed: int, runs: int) -> list[Episode]:
    """Return runs in which the first bullet decides, and the second does nothing."""
    draw = random.Random(seed)  # noqa: S311  # no secret
    told: list[Episode] = []
    for number in range(runs):
        first, second = draw.random() < 0.5, draw.random() < 0.5
        choices = [choice(ONE, included=first), choice(TWO, included=second)]
        success = draw.random() < (0.9 if first else 0.1)
        told.append(episode(f"e{number}", choices, success=success, family=f"f{number % 2}"))
    return told


def test_what_decides_is_told_from_what_does_nothing() -> None:
    beliefs = beliefs_of(BOOK, history(1, 60))

    assert beliefs.of(ONE).helps > 0.99
    assert beliefs.of(ONE).e_value > 20 > beliefs.of(TWO).e_value
    uplift = beliefs.of(ONE).uplift
    assert uplift is not None
    assert uplift.low > 0.3
    assert uplift.n == beliefs.of(ONE).relevant == 60
    assert beliefs.window == 60


def test_without_a_run_nothing_is_believed() -> None:
    assert beliefs_of(BOOK, []) == NO_BELIEFS == Beliefs()
    assert NO_BELIEFS.of(ONE).helps == pytest.approx(0.678, abs=1e-3)  # N(.4, .75)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 99), st.integers(0, 30), st.integers(1, 40))
def test_reading_in_parts_gives_what_reading_at_once_does(seed: int, cut: int, window: int) -> None:
    told = history(seed, 30)
    once = Ledger(window=window).extended(told)
    parts = Ledger(window=window).extended(told[:cut]).extended(told[cut:])

    assert parts == once
    assert parts.beliefs(BOOK) == once.beliefs(BOOK)


@pytest.mark.parametrize(
    "change",
    [
        {"unchecked": True},
        {"attempts": (episode("e").attempts[0].model_copy(update={"verdict": "infrastructure"}),)},
    ],
)
def test_runs_that_nobody_could_judge_say_nothing(change: dict[str, object]) -> None:
    void = episode("e", [choice(ONE, included=True)]).model_copy(update=change)
    ledger = Ledger().extended([void])

    assert ledger.seen == 1
    assert ledger.beliefs(BOOK) == NO_BELIEFS


def test_a_run_that_was_cut_short_counts_by_its_first_program() -> None:
    cut = [
        episode(f"e{n}", [choice(ONE, included=True)], success=False).model_copy(
            update={"cut_short": "the budget is used up"}
        )
        for n in range(3)
    ]
    assert beliefs_of(BOOK, cut).of(ONE).relevant == 3


def test_of_a_bullet_that_was_hardly_ever_relevant_is_believed_what_is_of_a_new_one() -> None:
    beliefs = beliefs_of(BOOK, [*history(1, 60)[:20], episode("e", [choice("rare", included=True)])])

    assert beliefs.of("rare") == beliefs.newcomer
    assert beliefs.newcomer.mean != NO_BELIEFS.newcomer.mean


def test_a_run_that_was_held_out_counts_as_one_without_any_bullet() -> None:
    held_out = [
        episode(f"h{n}", [choice(name, included=False, chance=0.0) for name in (ONE, TWO)], success=False)
        for n in range(20)
    ]
    usual = [
        episode(f"u{n}", [choice(name, included=True, chance=1.0) for name in (ONE, TWO)], success=True)
        for n in range(20)
    ]
    beliefs = beliefs_of(BOOK, held_out + usual)

    assert beliefs.of(ONE).mean > 0.8
    assert (beliefs.of(ONE).relevant, beliefs.of(ONE).included) == (40, 20)
    assert beliefs.of(ONE).e_value == 1.0  # which of the two it was, nobody can tell


def test_records_from_before_odds_were_logged_count_for_the_estimate_alone() -> None:
    old = [
        run.model_copy(
            update={"choices": tuple(c.model_copy(update={"conditional": None}) for c in run.choices)}
        )
        for run in history(1, 60)
    ]
    beliefs, before = beliefs_of(BOOK, old), beliefs_of(BOOK, history(1, 60))

    assert beliefs.of(ONE).mean == before.of(ONE).mean
    assert beliefs.of(ONE).e_value == 1.0


def test_only_the_latest_runs_are_estimated_from_and_bets_go_on() -> None:
    first, then = history(1, 60), [episode(f"n{n}", success=True) for n in range(30)]
    beliefs = beliefs_of(BOOK, first + then, window=40)

    assert beliefs.window == 40
    assert beliefs.of(ONE).relevant == 10
    assert beliefs.of(ONE).e_value == beliefs_of(BOOK, first).of(ONE).e_value


def test_a_reworded_bullet_has_to_earn_its_badge_anew() -> None:
    reworded = after(BOOK, Revise(bullet="str-00001", revision=1, content="first lesson, in other words"))
    old = history(1, 60)
    again = [
        run.model_copy(
            update={
                "id": f"again {run.id}",
                "choices": tuple(c.model_copy(update={"revision": 2}) for c in run.choices),
            }
        )
        for run in history(2, 20)
    ]

    assert beliefs_of(reworded, old).of(ONE).e_value == 1.0
    assert beliefs_of(reworded, old).of(ONE).mean == beliefs_of(BOOK, old).of(ONE).mean
    anew = beliefs_of(reworded, old + again).of(ONE).e_value
    assert 1 < anew < 20 < beliefs_of(BOOK, old).of(ONE).e_value
    late = [run.model_copy(update={"id": f"late {run.id}"}) for run in old[:5]]
    assert beliefs_of(reworded, old + again + late).of(ONE).e_value == anew


def test_runs_of_a_merged_bullet_count_for_what_it_became_part_of() -> None:
    delta = Delta(operations=(MergeBullets(bullet="str-00001", into="str-00002"),), provenance=provenance())
    merged = BOOK.apply(delta, at=1, run_id="r").playbook
    beliefs = beliefs_of(merged, history(1, 60))

    assert set(beliefs.bullets) == {TWO}
    assert beliefs.of(TWO).relevant == 60
    assert beliefs.of(TWO).included == sum(
        any(choice.included for choice in run.choices) for run in history(1, 60)
    )


def replayed(task: str, *, with_success: bool, without_success: bool, revision: int = 1) -> Replayed:
    return Replayed(
        bullet="str-00001",
        revision=revision,
        task_id=task,
        with_success=with_success,
        without_success=without_success,
        with_episode="w",
        without_episode="wo",
    )


def replays(count: int, *, revision: int = 1) -> list[Replayed]:
    return [
        replayed(f"t{n}", with_success=True, without_success=False, revision=revision) for n in range(count)
    ]


def test_replays_alone_may_earn_a_badge() -> None:
    convinced = after(BOOK, *replays(7))

    assert beliefs_of(convinced, []).of(ONE).e_value == pytest.approx(31.875)
    assert beliefs_of(convinced, []).of(ONE).uplift is None
    assert beliefs_of(convinced, []).of(ONE).helps > beliefs_of(after(BOOK, *replays(1)), []).of(ONE).helps


def test_coins_and_replays_multiply() -> None:
    told = history(1, 20)
    both = beliefs_of(after(BOOK, *replays(3)), told).of(ONE).e_value

    assert both == pytest.approx(
        beliefs_of(BOOK, told).of(ONE).e_value * beliefs_of(after(BOOK, *replays(3)), []).of(ONE).e_value,
        rel=1e-5,
    )


def test_a_task_is_evidence_once_and_only_for_the_wording_that_was_replayed() -> None:
    twice = after(BOOK, *replays(3), *replays(3))
    assert bullet_of(twice, "str-00001").replays_won == 3
    assert not bullet_of(after(BOOK, *replays(3, revision=2)), "str-00001").replays

    reworded = after(twice, Revise(bullet="str-00001", revision=1, content="other words"))
    assert not bullet_of(reworded, "str-00001").replays
    assert bullet_of(after(reworded, *replays(2, revision=2)), "str-00001").replays_won == 2


def test_replays_that_agree_are_kept_and_prove_nothing() -> None:
    same = after(
        BOOK,
        replayed("t1", with_success=True, without_success=True),
        replayed("t2", with_success=False, without_success=False),
        replayed("t3", with_success=False, without_success=True),
    )
    bullet = bullet_of(same, "str-00001")

    assert (len(bullet.replays), bullet.replays_won, bullet.replays_lost) == (3, 0, 1)
    assert beliefs_of(same, []).of(ONE).e_value == pytest.approx(0.5)


def test_of_two_that_contradict_each_other_it_is_told_which_does_better() -> None:
    beliefs = beliefs_of(contradicting(BOOK, "str-00001", "str-00002"), history(1, 60))

    assert beliefs.better(ONE, TWO) > 0.95
    assert beliefs.better(TWO, ONE) == pytest.approx(1 - beliefs.better(ONE, TWO), abs=1e-5)
    assert beliefs_of(BOOK, history(1, 60)).better(ONE, TWO) == 0.5  # nobody says that they contradict


def test_equal_episodes_give_equal_beliefs() -> None:
    assert beliefs_of(BOOK, history(3, 40)) == beliefs_of(BOOK, history(3, 40))


def test_bullets_that_a_playbook_no_longer_knows_are_no_hindrance() -> None:
    beliefs = beliefs_of(Playbook(), history(1, 20))

    assert beliefs.of(ONE).e_value == 1.0
    assert beliefs.of(ONE).relevant == 20
