"""Weighted sums of independent estimates, such as differences between arms and means over families."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from .estimate import Estimate


def combine(estimates: Sequence[Estimate], weights: Sequence[float]) -> Estimate:
    """Return the sum of independent estimates times their weights (MOVER); `n` is the sum of theirs.

    Each end of the interval takes the distances to the ends of the estimates that lead there, so that
    lopsided intervals, as of shares near 1, stay lopsided.

    Raises:
        ValueError: there are none, not one weight for each, or different levels.

    Source: Zou and Donner 2008, Statistics in Medicine 27:1693-1702.
    """
    if not estimates or len(estimates) != len(weights):
        raise ValueError(
            f"{len(estimates)} estimates need as many weights, not {len(weights)}, and at least one"
        )
    levels = {estimate.level for estimate in estimates}
    if len(levels) > 1:
        raise ValueError(f"intervals of the levels {sorted(levels)} do not combine; take one level")
    value = sum(weight * estimate.value for estimate, weight in zip(estimates, weights, strict=True))
    down = up = 0.0
    for estimate, weight in zip(estimates, weights, strict=True):
        below, above = weight * (estimate.value - estimate.low), weight * (estimate.high - estimate.value)
        down += (below if weight > 0 else above) ** 2
        up += (above if weight > 0 else below) ** 2
    methods = dict.fromkeys(estimate.method for estimate in estimates)
    return Estimate(
        value=value,
        low=value - sqrt(down),
        high=value + sqrt(up),
        n=sum(estimate.n for estimate in estimates),
        level=levels.pop(),
        method=f"MOVER of {' and '.join(methods)}",
    )


def difference(first: Estimate, second: Estimate) -> Estimate:
    """Return `second` minus `first`, which are independent; of two Wilson shares it is Newcombe's interval.

    Source: Newcombe 1998, Statistics in Medicine 17:873-890, method 10.
    """
    return combine((second, first), (1.0, -1.0))
