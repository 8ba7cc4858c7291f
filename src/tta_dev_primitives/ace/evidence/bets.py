"""Bets: what was won on each bullet over all runs, and the success rates that the bets expected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ..episode import Choice
from .outcomes import Outcome
from .wealth import Coin, Wealth

_SHRINKAGE = 3.0
"""Runs that a family's own rate is held against the rate of all: few tell little."""
_LEAST = 0.02
_NO_BET = Wealth()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How many of how many runs succeeded."""

    successes: int = 0
    runs: int = 0

    def after(self, *, success: bool) -> Rate:
        """Return the rate with one more run."""
        return Rate(successes=self.successes + success, runs=self.runs + 1)


_NO_RUNS = Rate()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bets:
    """The wealth of the bets on each bullet, by id, and the rates of the runs in which coins were tossed.

    Only those runs count for the rates: bullets are left out in them, so they succeed less often than others.
    """

    wealth: Mapping[str, Wealth] = field(default_factory=lambda: MappingProxyType(dict[str, Wealth]()))
    families: Mapping[str, Rate] = field(default_factory=lambda: MappingProxyType(dict[str, Rate]()))
    overall: Rate = _NO_RUNS

    def extended(self, outcomes: Iterable[Outcome]) -> Bets:
        """Return the bets after `outcomes`, in their order: what a bet expects is known from earlier ones."""
        wealth, families, overall = dict(self.wealth), dict(self.families), self.overall
        for outcome in outcomes:
            tossed = {choice: coin for choice in outcome.choices if (coin := coin_of(choice)) is not None}
            if not tossed:
                continue
            family = families.get(outcome.family, _NO_RUNS)
            expected = _expected(family, overall)
            for choice, coin in tossed.items():
                before = _of_revision(wealth.get(choice.bullet_id, _NO_BET), choice.revision)
                if before is not None:
                    after = before.after(coin, success=outcome.success, expected=expected)
                    wealth[choice.bullet_id] = after
            families[outcome.family] = family.after(success=outcome.success)
            overall = overall.after(success=outcome.success)
        return Bets(wealth=MappingProxyType(wealth), families=MappingProxyType(families), overall=overall)

    def log_e(self, bullet_id: str, revision: int) -> float:
        """Return the logarithm of the e-value that this wording of a bullet helps, 0.0 without any bet."""
        known = self.wealth.get(bullet_id, _NO_BET)
        return known.log_e if known.revision == revision else 0.0


def coin_of(choice: Choice) -> Coin | None:
    """Return the coin that decided on a bullet, all else being as it was, or None if there was none."""
    chance = choice.conditional
    return Coin(chance=chance, included=choice.included) if chance is not None and 0 < chance < 1 else None


def _of_revision(wealth: Wealth, revision: int) -> Wealth | None:
    """Return the wealth to go on with: anew for a later wording, None for an earlier one than is known."""
    if revision == wealth.revision:
        return wealth
    return Wealth(revision=revision) if revision > wealth.revision else None


def _expected(family: Rate, overall: Rate) -> float:
    """Return the success rate to expect of the next run of a family."""
    rate = (overall.successes + 1) / (overall.runs + 2)
    own = (family.successes + _SHRINKAGE * rate) / (family.runs + _SHRINKAGE)
    return min(max(own, _LEAST), 1 - _LEAST)
