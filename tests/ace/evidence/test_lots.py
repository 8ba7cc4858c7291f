from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ace.evidence.making import after, believing, book, bullet_of, contradicting
from tta_dev_primitives.ace.bullet import Status
from tta_dev_primitives.ace.events import Promote
from tta_dev_primitives.ace.evidence import NO_BELIEFS, Belief, Beliefs
from tta_dev_primitives.ace.evidence.inclusion import LEAST, MOST, coin, wanted
from tta_dev_primitives.ace.evidence.lots import Draw, Odds, draw_lots
from tta_dev_primitives.ace.playbook import Playbook

BOOK = book("one", "two", "three")
GOOD, BAD, DOUBTFUL = Belief(mean=1.0, sd=0.2), Belief(mean=-1.0, sd=0.2), Belief(mean=0.1, sd=1.0)
BELIEFS = believing(BOOK, s1=GOOD, s2=BAD, s3=DOUBTFUL)
NOTHING_EXPLORED = Odds(hold_out=0.0, exploration=0.0)


def drawn(playbook: Playbook, beliefs: Beliefs, odds: Odds, seed: int) -> Draw:
    return draw_lots(playbook, playbook.active, beliefs, odds, random.Random(seed))  # noqa: S311  # no secret


def included(draw: Draw, playbook: Playbook) -> list[str]:
    return [bullet.alias[-1] for bullet in playbook.active if draw.lots[bullet.id].included]


def frequencies(playbook: Playbook, beliefs: Beliefs, odds: Odds, draws: int) -> Mapping[str, float]:
    counts = Counter[str]()
    for seed in range(draws):
        counts.update(name for name, lot in drawn(playbook, beliefs, odds, seed).lots.items() if lot.included)
    return {bullet.id: counts[bullet.id] / draws for bullet in playbook.active}


@pytest.mark.parametrize(
    "odds",
    [
        Odds(hold_out=0.04, exploration=0.1),
        Odds(hold_out=0.2, exploration=0.4),
        Odds(hold_out=0.0, exploration=1.0),
        Odds(hold_out=0.1, exploration=0.1, inclusion=0.7),
    ],
)
@pytest.mark.parametrize("apart", [True, False])
def test_logged_propensities_are_the_frequencies(odds: Odds, apart: bool) -> None:  # noqa: FBT001  # a parameter
    playbook = BOOK if apart else contradicting(BOOK, "str-00001", "str-00003")
    beliefs = BELIEFS if apart else believing(playbook, s1=GOOD, s2=BAD, s3=DOUBTFUL)
    logged = {name: lot.propensity for name, lot in drawn(playbook, beliefs, odds, 0).lots.items()}

    for name, frequency in frequencies(playbook, beliefs, odds, 2500).items():
        assert frequency == pytest.approx(logged[name], abs=0.03)


def test_conditional_odds_are_the_frequencies_where_all_else_is_equal() -> None:
    playbook = contradicting(BOOK, "str-00001", "str-00003")
    odds, name = Odds(hold_out=0.1, exploration=0.5), bullet_of(playbook, "str-00001").id
    seen = dict[tuple[bool, bool, tuple[str, ...], float], list[bool]]()
    for seed in range(2500):
        draw = drawn(playbook, BELIEFS, odds, seed)
        lot = draw.lots[name]
        others = tuple(other for other, its in draw.lots.items() if other != name and its.included)
        seen.setdefault((draw.held_out, draw.explored, others, lot.conditional), []).append(lot.included)

    assert len({key[:3] for key in seen}) == len(seen)  # it follows from all else
    for (_, _, _, conditional), was_in in seen.items():
        assert sum(was_in) / len(was_in) == pytest.approx(
            conditional, abs=0.12 if len(was_in) < 400 else 0.06
        )


def test_most_runs_get_the_same_bullets_those_that_likely_help() -> None:
    odds = Odds(hold_out=0.04, exploration=0.10)
    shown = Counter(tuple(included(drawn(BOOK, BELIEFS, odds, seed), BOOK)) for seed in range(500))

    (most, count) = shown.most_common(1)[0]
    assert most == ("1", "3")
    assert count > 0.85 * 500


def test_what_is_explored_is_told() -> None:
    odds = Odds(hold_out=0.0, exploration=0.5)
    for seed in range(50):
        draw = drawn(BOOK, BELIEFS, odds, seed)
        assert draw.explored == all(0 < lot.conditional < 1 for lot in draw.lots.values())


def test_a_run_that_is_held_out_tells_nothing_of_a_single_bullet() -> None:
    draw = drawn(BOOK, BELIEFS, Odds(hold_out=1.0, exploration=0.5), 1)

    assert draw.held_out
    assert not draw.explored
    assert {(lot.included, lot.propensity, lot.conditional) for lot in draw.lots.values()} == {
        (False, 0.0, 0.0)
    }


def test_of_two_that_contradict_each_other_runs_get_the_better() -> None:
    playbook = contradicting(BOOK, "str-00001", "str-00003")
    better_third = believing(playbook, s1=DOUBTFUL, s3=GOOD)

    assert included(drawn(playbook, BELIEFS, NOTHING_EXPLORED, 0), playbook) == ["1"]
    assert included(drawn(playbook, better_third, NOTHING_EXPLORED, 0), playbook) == ["2", "3"]
    assert included(drawn(playbook, NO_BELIEFS, NOTHING_EXPLORED, 0), playbook) == ["1", "2"]  # the older


def test_where_a_run_explores_the_better_is_drawn_more_often() -> None:
    playbook = contradicting(BOOK, "str-00001", "str-00003")
    found = frequencies(playbook, BELIEFS, Odds(hold_out=0.0, exploration=1.0), 1000)
    one, three = bullet_of(playbook, "str-00001").id, bullet_of(playbook, "str-00003").id

    assert found[one] > found[three] > 0.05


@settings(max_examples=25, deadline=None)
@given(
    st.sets(st.sampled_from([("1", "2"), ("2", "3"), ("1", "3")]), min_size=1),
    st.floats(-2, 2),
    st.integers(0, 10**6),
    st.sampled_from([None, 1.0, 0.6]),
)
def test_bullets_that_contradict_each_other_are_never_in_together(
    pairs: set[tuple[str, str]], mean: float, seed: int, inclusion: float | None
) -> None:
    playbook = BOOK
    for one, other in pairs:
        playbook = contradicting(playbook, f"str-0000{one}", f"str-0000{other}")
    beliefs = believing(playbook, s1=Belief(mean=mean, sd=0.5))
    shown = set(
        included(
            drawn(playbook, beliefs, Odds(hold_out=0.0, exploration=0.5, inclusion=inclusion), seed), playbook
        )
    )

    assert not any(set(pair) <= shown for pair in pairs)


def test_the_published_algorithm_may_keep_them_together() -> None:
    playbook = contradicting(BOOK, "str-00001", "str-00003")
    odds = Odds(hold_out=0.0, exploration=0.0, inclusion=1.0, apart=False)

    assert included(drawn(playbook, BELIEFS, odds, 0), playbook) == ["1", "2", "3"]


def test_a_validated_bullet_is_wanted_whatever_is_believed_of_it() -> None:
    playbook = after(BOOK, Promote(bullet="str-00002", status=Status.VALIDATED))

    assert included(drawn(playbook, BELIEFS, NOTHING_EXPLORED, 0), playbook) == ["1", "2", "3"]


@given(st.floats(-9, 9), st.floats(0.01, 3), st.floats(0.01, 1))
def test_what_is_aimed_at_stays_between_its_bounds(mean: float, sd: float, exploration: float) -> None:
    aim = wanted(Belief(mean=mean, sd=sd), Status.CANDIDATE)
    usual = aim >= 0.5
    chance = coin(aim, usual=usual, exploration=exploration)

    assert LEAST <= aim <= MOST
    assert 0.5 <= chance <= MOST if usual else LEAST <= chance <= 0.5


@settings(max_examples=30)
@given(st.floats(LEAST, MOST))
def test_exploring_in_every_run_is_to_include_each_as_wanted(aim: float) -> None:
    assert coin(aim, usual=aim >= 0.5, exploration=1.0) == pytest.approx(aim)


def test_no_bullets_no_lots() -> None:
    draw = drawn(Playbook(), NO_BELIEFS, Odds(hold_out=1.0, exploration=1.0), 0)

    assert not draw.held_out
    assert draw.lots == {}
