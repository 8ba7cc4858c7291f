"""The evidence of pairs stays valid however often one looks."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tta_dev_primitives.ace.evidence.wealth import log_e_of_pairs
from tta_dev_primitives.ace.gate import Match, Pair

COUNTS = st.integers(0, 30)


def e_value(won: int, lost: int) -> float:
    """Return the e-value of a version that won and lost so many pairs."""
    pairs = [Pair(task_id="t", family="f", base=n >= won, new=n < won) for n in range(won + lost)]
    return Match(pairs=tuple(pairs)).e_better


@given(COUNTS, COUNTS)
def test_between_equals_nobody_can_expect_to_win(won: int, lost: int) -> None:
    mean = (e_value(won + 1, lost) + e_value(won, lost + 1)) / 2
    assert math.isclose(mean, e_value(won, lost), rel_tol=1e-9)


@given(COUNTS, COUNTS, st.floats(0, 0.5))
def test_against_a_better_one_the_expectation_falls(won: int, lost: int, chance: float) -> None:
    mean = chance * e_value(won + 1, lost) + (1 - chance) * e_value(won, lost + 1)
    assert mean <= e_value(won, lost) * (1 + 1e-9)


@given(COUNTS, COUNTS)
@settings(max_examples=20)
def test_it_is_the_integral_over_all_bets(won: int, lost: int) -> None:
    steps = 4_000
    rates = [0.5 + (step + 0.5) / (2 * steps) for step in range(steps)]
    expected = sum((2 * rate) ** won * (2 - 2 * rate) ** lost for rate in rates) / steps
    assert math.isclose(e_value(won, lost), expected, rel_tol=1e-4)


def test_four_wins_without_a_loss_are_enough() -> None:
    assert e_value(0, 0) == 1
    assert e_value(3, 0) < 5 < e_value(4, 0)
    assert e_value(4, 1) < 5 < e_value(7, 1)


def test_of_equal_versions_at_most_a_fifth_is_ever_accepted() -> None:
    draw = Random(20261125)  # noqa: S311  # an experiment, no secret
    contests, accepted = 1_000, 0
    for _ in range(contests):
        pairs = [draw.random() < 0.5 for _ in range(60)]  # pairs that differ, looked at after each
        won = 0
        for played, success in enumerate(pairs, start=1):
            won += success
            if log_e_of_pairs(won, played - won) >= math.log(5):
                accepted += 1
                break
    assert 0.05 < accepted / contests <= 1 / 5


def test_a_match_counts_its_pairs_by_family() -> None:
    lost, won, both, neither = (True, False), (False, True), (True, True), (False, False)
    outcomes = [("a", lost), ("a", lost), ("b", won), ("b", both), ("c", neither)]
    match = Match(
        pairs=tuple(
            Pair(task_id=str(n), family=family, base=base, new=new)
            for n, (family, (base, new)) in enumerate(outcomes)
        )
    )
    assert [(s.family, s.won, s.lost, s.both, s.neither) for s in match.families] == [
        ("a", 0, 2, 0, 0),
        ("b", 1, 0, 1, 0),
        ("c", 0, 0, 0, 1),
    ]
    assert (match.won, match.lost, match.lost_families(2), match.lost_families(3)) == (1, 2, ("a",), ())
    assert match.difference is not None
    assert match.difference.value == pytest.approx(-0.2)
    assert Match().difference is None
