from __future__ import annotations

import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ace.evidence.oracles import integral
from tta_dev_primitives.ace.evidence.lifecycle import BADGE
from tta_dev_primitives.ace.evidence.wealth import (
    EFFECTS,
    MOST,
    Coin,
    Wealth,
    e_value,
    log_e_of_pairs,
    winnings,
)

chances = st.floats(0.01, 0.99)


def expectation(chance: float, expected: float, rates: dict[bool, float]) -> list[float]:
    """Return what bets of 1 are worth on average, if success has these rates with the bullet and without."""
    total = [0.0] * len(EFFECTS)
    for included, success in itertools.product((True, False), repeat=2):
        drawn = chance if included else 1 - chance
        probability = drawn * (rates[included] if success else 1 - rates[included])
        won = winnings(Coin(chance=chance, included=included), success=success, expected=expected)
        total = [sum_ + probability * math.exp(log) for sum_, log in zip(total, won, strict=True)]
    return total


@given(chances, chances, chances)
def test_a_bullet_that_does_nothing_wins_nothing_on_average(chance: float, guess: float, rate: float) -> None:
    assert expectation(chance, guess, {True: rate, False: rate}) == pytest.approx([1.0] * len(EFFECTS))


@given(chances, chances, chances, chances)
def test_a_bullet_that_harms_loses_on_average(chance: float, guess: float, one: float, other: float) -> None:
    rates = {True: min(one, other), False: max(one, other)}
    assert max(expectation(chance, guess, rates)) <= 1 + 1e-9


def test_a_bullet_that_helps_wins_on_average() -> None:
    assert min(expectation(0.5, 0.5, {True: 0.9, False: 0.1})) > 1


@given(st.integers(0, 60), st.integers(0, 60))
def test_replays_that_fall_like_a_coin_win_nothing_on_average(won: int, lost: int) -> None:
    both = math.exp(log_e_of_pairs(won + 1, lost)) + math.exp(log_e_of_pairs(won, lost + 1))
    assert both / 2 == pytest.approx(math.exp(log_e_of_pairs(won, lost)))


@pytest.mark.parametrize(("won", "lost"), [(0, 0), (7, 0), (3, 2), (0, 4), (30, 12)])
def test_the_wealth_of_replays_is_its_integral(won: int, lost: int) -> None:
    def bet(p: float) -> float:
        return float(2 * (2 * p) ** won * (2 * (1 - p)) ** lost)

    assert math.exp(log_e_of_pairs(won, lost)) == pytest.approx(integral(bet, 0.5, 1))


def test_seven_replays_that_all_speak_for_a_bullet_earn_a_badge() -> None:
    assert math.exp(log_e_of_pairs(6, 0)) < BADGE <= math.exp(log_e_of_pairs(7, 0))


def stream(seed: int, *, uplift: float, runs: int = 150) -> float:
    """Return the largest e-value that anybody could have seen, in runs of tasks of any difficulty."""
    draw = random.Random(seed)  # noqa: S311  # no secret
    wealth, most, successes = Wealth(), 0.0, 1
    for number in range(runs):
        rate = draw.uniform(0.1, 0.8)
        coin = Coin(chance=0.5, included=draw.random() < 0.5)
        success = draw.random() < rate + uplift * coin.included
        wealth = wealth.after(coin, success=success, expected=successes / (number + 2))
        successes += success
        most = max(most, wealth.log_e)
    return most


def test_looking_after_every_run_hardly_ever_shows_a_badge_that_was_not_earned() -> None:
    false = sum(stream(seed, uplift=0.0) >= math.log(BADGE) for seed in range(200))
    assert false <= 0.05 * 200


def test_a_badge_is_earned_by_most_bullets_that_help_much() -> None:
    earned = sum(stream(seed, uplift=0.4) >= math.log(BADGE) for seed in range(30))
    assert earned >= 24


def test_an_e_value_is_told_up_to_a_bound() -> None:
    assert e_value(math.log(4), math.log(5)) == pytest.approx(20)
    assert e_value(1000.0, 1000.0) == pytest.approx(MOST)
    assert e_value() == 1.0
