"""A few figures over time, for a small curve beside a metric."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

POINTS: Final = 12
"""Most figures of a trend."""


def trend(values: Iterable[float]) -> tuple[float, ...]:
    """Return the means of at most `POINTS` stretches of about equal length, oldest first."""
    return tuple(sum(stretch) / len(stretch) for stretch in _stretches(list(values)))


def growth(values: Iterable[float]) -> tuple[float, ...]:
    """Return the sum of all values up to the end of each of at most `POINTS` stretches."""
    total, sums = 0.0, list[float]()
    for stretch in _stretches(list(values)):
        total += sum(stretch)
        sums.append(total)
    return tuple(sums)


def _stretches(values: Sequence[float]) -> list[Sequence[float]]:
    count = min(POINTS, len(values))
    cuts = [round(number * len(values) / count) for number in range(count + 1)] if count else []
    return [values[start:end] for start, end in pairwise(cuts)]
