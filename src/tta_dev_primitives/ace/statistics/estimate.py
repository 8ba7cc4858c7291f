"""Estimate: a figure, how sure it is, and how many observations it rests on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import NormalDist


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A value and its two-sided interval at confidence `level`, with `low <= value <= high`.

    `n` counts the independent observations it rests on: trials, pairs or tasks. `method` names the interval,
    such as `Wilson`.

    Raises:
        ValueError: the interval does not hold the value, or there is no observation.
    """

    value: float
    low: float
    high: float
    n: int
    method: str
    level: float = 0.95

    def __post_init__(self) -> None:
        if not self.low <= self.value <= self.high:
            raise ValueError(f"the interval {self.low!r} to {self.high!r} does not hold {self.value!r}")
        if self.n < 1:
            raise ValueError(
                f"n={self.n} observations estimate nothing; ask for an estimate when there is one"
            )
        confidence(self.level)

    @property
    def width(self) -> float:
        """From one end of the interval to the other."""
        return self.high - self.low

    @property
    def decided(self) -> bool:
        """True if the interval leaves out zero: the sign of the value is known at this level."""
        return self.low > 0 or self.high < 0

    def negated(self) -> Estimate:
        """Return the estimate of the value with the other sign."""
        return replace(self, value=-self.value, low=-self.high, high=-self.low)

    def through(self, function: Callable[[float], float]) -> Estimate:
        """Return the estimate of an increasing function of the value, such as `math.exp`."""
        return replace(self, value=function(self.value), low=function(self.low), high=function(self.high))


def confidence(level: float) -> float:
    """Return the two-sided normal quantile of a confidence level, 1.96 for 0.95.

    Raises:
        ValueError: the level is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"level={level!r} is no confidence level; give one between 0 and 1, such as 0.95")
    return NormalDist().inv_cdf((1 + level) / 2)
