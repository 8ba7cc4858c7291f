from __future__ import annotations

import math
import random

import pytest

from tests.ace.evidence.making import choice
from tta_dev_primitives.ace.evidence.bets import Bets
from tta_dev_primitives.ace.evidence.outcomes import Outcome


def outcome(*, included: bool, success: bool, chance: float | None = 0.5, family: str = "f") -> Outcome:
    return Outcome(family=family, choices=(choice("b", included=included, chance=chance),), success=success)


@pytest.mark.parametrize("chance", [None, 0.0, 1.0])
def test_nothing_is_bet_where_no_coin_was_tossed(chance: float | None) -> None:
    told = Bets().extended([outcome(included=chance == 1.0, success=True, chance=chance)] * 30)

    assert told == Bets()
    assert told.log_e("b", 1) == 0.0


def test_a_bet_expects_what_came_before_and_not_its_own_outcome() -> None:
    """The wealth after a run may be more or less, but on average over the coin it is what it was."""
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


def test_bets_won_where_the_bullet_decides_and_lost_where_it_harms() -> None:
    helps = [outcome(included=n % 2 == 0, success=n % 2 == 0) for n in range(20)]
    harms = [outcome(included=n % 2 == 0, success=n % 2 == 1) for n in range(20)]

    assert Bets().extended(helps).log_e("b", 1) > math.log(20)
    assert Bets().extended(harms).log_e("b", 1) < 0
