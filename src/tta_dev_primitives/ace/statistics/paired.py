"""The same tasks under two arms: McNemar's exact test, and Tango's interval of the difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, sqrt

from .estimate import Estimate, confidence

_HALVINGS = 64
"""Halvings of an interval no longer than 2 until it is below the spacing of doubles near 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """How many tasks succeeded under both arms, under one of them only, and under neither."""

    both: int = 0
    only_first: int = 0
    only_second: int = 0
    neither: int = 0

    def __post_init__(self) -> None:
        if min(self.both, self.only_first, self.only_second, self.neither) < 0:
            raise ValueError(f"{self} has a negative count; each counts tasks")

    @classmethod
    def of(cls, first: Sequence[bool], second: Sequence[bool]) -> Pairs:
        """Count the pairs of two equally long sequences: the outcomes of the same tasks in the same order.

        Raises:
            ValueError: they are not equally long.
        """
        if len(first) != len(second):
            raise ValueError(
                f"{len(first)} and {len(second)} outcomes are no pairs; give both arms of each task"
            )
        pairs = list(zip(map(bool, first), map(bool, second), strict=True))
        return cls(
            both=pairs.count((True, True)),
            only_first=pairs.count((True, False)),
            only_second=pairs.count((False, True)),
            neither=pairs.count((False, False)),
        )

    @property
    def n(self) -> int:
        """How many pairs there are."""
        return self.both + self.only_first + self.only_second + self.neither

    def swapped(self) -> Pairs:
        """Return the pairs with the arms the other way round."""
        return Pairs(
            both=self.both, only_first=self.only_second, only_second=self.only_first, neither=self.neither
        )


def mcnemar_exact(pairs: Pairs) -> float:
    """Return the two-sided p value of no difference between the arms: 1.0 if no pair differs.

    Source: McNemar 1947, Psychometrika 12:153-157; exact as the binomial test of the pairs that differ.
    """
    fewer, differing = min(pairs.only_first, pairs.only_second), pairs.only_first + pairs.only_second
    tail = sum(comb(differing, count) for count in range(fewer + 1))
    return min(1.0, 2 * tail / (1 << differing))


def tango(pairs: Pairs, *, level: float = 0.95) -> Estimate:
    """Return the success rate of the second arm minus that of the first, with Tango's score interval, -1..1.

    Raises:
        ValueError: there is no pair.

    Source: Tango 1998, Statistics in Medicine 17:891-908, equations 4 to 8.
    """
    if pairs.n < 1:
        raise ValueError("no pairs have no difference; give at least one task under both arms")
    z = confidence(level)
    return Estimate(
        value=(pairs.only_second - pairs.only_first) / pairs.n,
        low=-_upper(pairs.only_first, pairs.only_second, pairs.n, z),
        high=_upper(pairs.only_second, pairs.only_first, pairs.n, z),
        n=pairs.n,
        level=level,
        method="Tango",
    )


def _upper(gained: int, lost: int, n: int, z: float) -> float:
    """Return the largest difference `(gained - lost) / n` that the score test does not reject."""
    inside, outside = (gained - lost) / n, 1.0
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        if (gained - lost - n * middle) ** 2 <= z * z * _variance(gained, lost, n, middle):
            inside = middle
        else:
            outside = middle
    return inside


def _variance(gained: int, lost: int, n: int, difference: float) -> float:
    """Return the variance of `gained - lost` if the true difference is `difference`."""
    square, room = 2 * n, difference * (1 - difference)
    linear = (2 * n - gained + lost) * difference - gained - lost
    root = sqrt(max(0.0, linear * linear + 4 * square * lost * room))
    losing = (root - linear) / (2 * square)  # the likeliest rate of losses, given the difference
    return max(0.0, n * (2 * losing + room))
