"""The difference of two shares that were measured on different tasks."""

from __future__ import annotations

from math import sqrt

from .estimate import Estimate


def difference(first: Estimate, second: Estimate) -> Estimate:
    """Return `second` minus `first`, two independent shares with Wilson's interval; `n` is the sum of theirs.

    Each end takes the distances to the ends of the shares that lead there, so intervals of shares near 0 or 1
    stay lopsided.

    Raises:
        ValueError: the intervals are of different levels.

    Source: Newcombe 1998, Statistics in Medicine 17:873-890, method 10.
    """
    if first.level != second.level:
        raise ValueError(f"intervals of the levels {first.level} and {second.level} do not compare; take one")
    value = second.value - first.value
    return Estimate(
        value=value,
        low=value - sqrt((second.value - second.low) ** 2 + (first.high - first.value) ** 2),
        high=value + sqrt((second.high - second.value) ** 2 + (first.value - first.low) ** 2),
        n=first.n + second.n,
        level=first.level,
        method="Newcombe",
    )
