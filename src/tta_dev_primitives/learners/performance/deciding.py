"""Decide on which side of a bound the median of noisy measurements is, taking more until that is clear."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from math import comb, inf

CONFIDENCE = 0.98
MOST_ROUNDS = 25
"""Measurements after which it stays undecided."""


class Side(Enum):
    """Where a median is."""

    BELOW = "below"
    ABOVE = "above"
    UNCLEAR = "unclear"


def median_interval(values: Sequence[float], confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return an interval that holds the median with `confidence`, whatever the distribution.

    It is infinite while there are too few values, 7 for the default. Source: Conover, Practical
    Nonparametric Statistics, 3rd edition, section 3.2 (the interval that goes with the sign test).
    """
    ordered, count = sorted(values), len(values)
    outside, below = 0.0, 0
    while below < count // 2:
        outside += 2 * comb(count, below) / 2**count
        if outside > 1 - confidence:
            break
        below += 1
    return (ordered[below - 1], ordered[-below]) if below else (-inf, inf)


def side_of(values: Sequence[float], bound: float) -> Side:
    """Return on which side of `bound` the median of `values` is, as far as they tell."""
    low, high = median_interval(values)
    if low >= bound:
        return Side.ABOVE
    return Side.BELOW if high < bound else Side.UNCLEAR
