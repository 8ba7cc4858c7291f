from __future__ import annotations

import math
import random

import pytest

from tests.ace.evidence.making import choice
from tta_dev_primitives.ace.evidence.bets import Bets
from tta_dev_primitives.ace.evidence.outcomes import Outcome
from tta_dev_primitives.ace.evidence.wealth import Coin, Wealth


def outcome(*, included: bool, success: bool, chance: float | None = 0.5, family: str = "f") -> Outcome:
    return Outcome(family=family, choices=(choice("b", included=included, chance=chance),), success=success)


@pytest.mark.parametrize("chance", [None, 0.0, 1.0])
def test_nothing_is_bet_where_no_coin_was_tossed(chance: float | None) -> None:
    told = Bets().extended([outcome(included=chance == 1.0, success=True, chance=chance)] * 30)

    assert told == Bets()
    assert told.log_e("b", 1) == 0.0


def test_a_bet_expects_what_came_before_and_not_its_own_outcome() -> None:
    """Two successes of the family: 3 of 4 overall, and with three more runs at that rate 4.25 of 5."""
    before = [outcome(included=True, success=True), outcome(included=False, success=True)]
    bets = Bets().extended([*before, outcome(included=True, success=False)])

    coins = [Coin(chance=0.5, included=True), Coin(chance=0.5, included=False)]
    wealth = Wealth().after(coins[0], success=True, expected=0.5)
    wealth = wealth.after(coins[1], success=True, expected=(1 + 3 * 2 / 3) / (1 + 3))
    assert bets.wealth["b"] == wealth.after(coins[0], success=False, expected=(2 + 3 * 3 / 4) / (2 + 3))


def test_the_wealth_is_on_average_what_it_was_whatever_the_outcome() -> None:
    draw = random.Random(3)  # noqa: S311  # no secret
    before = Bets().extended(
        outcome(included=draw.random() < 0.5, success=draw.random() < 0.7, family=f"f{n % 3}")
        for n in range(20)
    )
    for success in (True, False):
        ways = [
            before.extended([outcome(included=way, success=success)]).log_e("b", 1) for way in (True, False)
        ]
        assert sum(map(math.exp, ways)) / 2 == pytest.approx(math.exp(before.log_e("b", 1)))


def test_only_runs_with_coins_tell_what_to_expect() -> None:
    usual = [outcome(included=True, success=True, chance=1.0)] * 50
    tossed = [outcome(included=True, success=False), outcome(included=False, success=False)]

    assert Bets().extended(usual + tossed) == Bets().extended(tossed)


@pytest.mark.parametrize("seed", range(5))
def test_what_decides_over_success_earns_its_badge_in_ten_tosses(seed: int) -> None:
    tosses = [True] * 5 + [False] * 5
    random.Random(seed).shuffle(tosses)  # noqa: S311  # no secret
    bets = Bets().extended(outcome(included=toss, success=toss) for toss in tosses)

    assert bets.log_e("b", 1) > math.log(20)


def test_bets_won_where_the_bullet_decides_and_lost_where_it_harms() -> None:
    helps = [outcome(included=n % 2 == 0, success=n % 2 == 0) for n in range(20)]
    harms = [outcome(included=n % 2 == 0, success=n % 2 == 1) for n in range(20)]

    assert Bets().extended(helps).log_e("b", 1) > math.log(20)
    assert Bets().extended(harms).log_e("b", 1) < 0
