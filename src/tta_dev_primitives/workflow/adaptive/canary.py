"""Canary: a candidate and the configuration in use, by lot on real requests, until a size set beforehand."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from .configuration import Configuration
from .forecast import Forecast
from .watch import Bets

Verdict: TypeAlias = Literal["better", "not better", "worse"]
_SURE: Final = 1.645
"""Standard errors: of gains as forecast, 5 % are refused."""
_ENOUGH: Final = 1 / 3
"""Share of the forecast gain that must really be there: the best of many forecasts promises too much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Count, sum and sum of squares of one side's utilities."""

    n: int = 0
    total: float = 0.0
    squares: float = 0.0

    def seen(self, value: float) -> Side:
        """Return it with one more."""
        return Side(n=self.n + 1, total=self.total + value, squares=self.squares + value * value)

    @property
    def mean(self) -> float:
        """The mean utility, 0 of none."""
        return self.total / self.n if self.n else 0.0

    @property
    def error(self) -> float:
        """The standard error of the mean, infinite of fewer than 2."""
        if self.n < 2:  # noqa: PLR2004  # one value has no spread
            return math.inf
        return math.sqrt(max(self.squares / self.n - self.mean**2, 0.0) / (self.n - 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """A test whose size is fixed before it starts: `size` requests on each side.

    The candidate is better if at least a third of the forecast gain is really there. It is stopped before as
    soon as bets show that it is worse, which may be looked at after each pair: `harm` is the risk of stopping
    one that is not. `sure`: so many standard errors above zero must the gain be as well.
    """

    candidate: Configuration
    forecast: float
    size: int
    harm: float
    bets: Bets
    sure: float = 0.0
    old: Side = Side()
    new: Side = Side()
    waiting: tuple[tuple[float, ...], tuple[float, ...]] = ((), ())

    @classmethod
    def of(  # noqa: PLR0913  # a forecast, and how it is tested
        cls, forecast: Forecast, *, fewest: int, largest: int, most: float, harm: float, sure: float = 0.0
    ) -> Canary:
        """Return a canary large enough to tell the forecast gain from none, within these sizes.

        `most` is the largest difference between two requests.
        """
        wanted = 2 * (_SURE * forecast.spread / ((1 - _ENOUGH) * max(forecast.gain, 1e-9))) ** 2
        return cls(
            candidate=forecast.configuration,
            forecast=forecast.gain,
            size=min(max(math.ceil(wanted), fewest), largest),
            harm=harm,
            bets=Bets(mean=0.0, most=most),
            sure=sure,
        )

    def seen(self, value: float, *, new: bool) -> Canary:
        """Return the canary after one more request, of the candidate (`new`) or of what is in use."""
        old, fresh = self.waiting
        if new:
            fresh = (*fresh, value)
        else:
            old = (*old, value)
        bets = self.bets
        if old and fresh:
            bets, old, fresh = bets.seen(fresh[0] - old[0]), old[1:], fresh[1:]
        return replace(
            self,
            bets=bets,
            waiting=(old, fresh),
            old=self.old if new else self.old.seen(value),
            new=self.new.seen(value) if new else self.new,
        )

    @property
    def gain(self) -> float:
        """The mean utility of the candidate less that of what is in use."""
        return self.new.mean - self.old.mean

    @property
    def error(self) -> float:
        """The standard error of the gain."""
        return math.hypot(self.new.error, self.old.error)

    @property
    def verdict(self) -> Verdict | None:
        """What came out, or None while it runs."""
        if self.bets.evidence >= 1 / self.harm:
            return "worse"
        if min(self.old.n, self.new.n) < self.size:
            return None
        enough = max(_ENOUGH * self.forecast, self.sure * self.error)
        return "better" if self.gain >= enough else "not better"

    def __str__(self) -> str:
        return (
            f"{self.candidate}; {self.new.n} and {self.old.n} of {self.size} requests, "
            f"gain {self.gain:+.4f} (forecast {self.forecast:+.4f})"
        )
