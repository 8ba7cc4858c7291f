"""Intervals of any statistic by drawing tasks again, with a seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from statistics import NormalDist
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .estimate import Estimate, confidence

Sample: TypeAlias = NDArray[np.float64]
Statistic: TypeAlias = Callable[[Sample], float]
"""A figure of a sample: an array of values, or of rows if each observation has several."""
_NORMAL: Final = NormalDist()


def mean(sample: Sample) -> float:
    """Return the mean of all values."""
    return float(sample.mean())


def bootstrap(
    values: Sequence[float] | Sequence[Sequence[float]],
    *,
    statistic: Statistic = mean,
    seed: int,
    rounds: int = 2000,
    level: float = 0.95,
) -> Estimate:
    """Return `statistic` of the values, with the BCa interval of `rounds` resamples of as many values.

    One value, or row of values, is one independent observation: a task, not one of its attempts. The same
    seed gives the same interval. It is widened to hold the value where resampling misses it; where BCa is not
    defined, as of equal values, it is the percentile interval.

    Raises:
        ValueError: there are fewer than 2 values, as one has no spread.

    Source: Efron 1987, Journal of the American Statistical Association 82:171-185.
    """
    sample = _sample(values)
    count = len(sample)
    value = float(statistic(sample))
    rng = np.random.default_rng(seed)
    replicates = [statistic(sample[_drawn(rng, count)]) for _ in range(rounds)]
    left_out = [statistic(np.delete(sample, index, axis=0)) for index in range(count)]
    return _estimate(value, replicates, _acceleration([left_out]), n=count, level=level)


def bootstrap_change(  # noqa: PLR0913  # two samples, and what bootstrap takes
    first: Sequence[float] | Sequence[Sequence[float]],
    second: Sequence[float] | Sequence[Sequence[float]],
    *,
    statistic: Statistic = mean,
    seed: int,
    rounds: int = 2000,
    level: float = 0.95,
) -> Estimate:
    """Return `statistic` of `second` minus that of `first`, each drawn again on its own; as `bootstrap`.

    Raises:
        ValueError: one of them has fewer than 2 values.
    """
    old, new = _sample(first), _sample(second)
    rng = np.random.default_rng(seed)
    olds = [statistic(old[_drawn(rng, len(old))]) for _ in range(rounds)]
    news = [statistic(new[_drawn(rng, len(new))]) for _ in range(rounds)]
    replicates = [late - early for early, late in zip(olds, news, strict=True)]
    value_old, value_new = float(statistic(old)), float(statistic(new))
    left_out = [
        [value_new - statistic(np.delete(old, index, axis=0)) for index in range(len(old))],
        [statistic(np.delete(new, index, axis=0)) - value_old for index in range(len(new))],
    ]
    return _estimate(
        value_new - value_old, replicates, _acceleration(left_out), n=len(old) + len(new), level=level
    )


def _sample(values: Sequence[float] | Sequence[Sequence[float]]) -> Sample:
    if len(values) < 2:  # noqa: PLR2004  # one value has no spread
        raise ValueError(f"{len(values)} values cannot be drawn again; give at least 2")
    return np.asarray(values, np.float64)


def _drawn(rng: np.random.Generator, count: int) -> NDArray[np.int64]:
    """Return places of a resample; all of them at once would take too much memory for many observations."""
    return rng.integers(0, count, count)


def _estimate(
    value: float, replicates: Sequence[float], acceleration: float, *, n: int, level: float
) -> Estimate:
    z = confidence(level)
    ranks = np.sign(value - np.asarray(replicates))
    below = (1 + float(ranks.mean())) / 2
    tails = [(1 - level) / 2, (1 + level) / 2]
    method = "percentile bootstrap"
    bias = _NORMAL.inv_cdf(below) if 0 < below < 1 else inf
    if abs(acceleration) * (abs(bias) + z) < 1:
        tails = [_corrected(bias, sign * z, acceleration) for sign in (-1, 1)]
        method = "BCa bootstrap"
    low, high = (float(np.quantile(replicates, tail)) for tail in tails)
    return Estimate(value=value, low=min(low, value), high=max(high, value), n=n, level=level, method=method)


def _corrected(bias: float, z: float, acceleration: float) -> float:
    """Return the quantile that BCa reads in place of the normal distribution's at `z`."""
    return _NORMAL.cdf(bias + (bias + z) / (1 - acceleration * (bias + z)))


def _acceleration(left_out: Sequence[Sequence[float]]) -> float:
    """Return how the spread changes with the value, from the statistics with one observation left out.

    One list a sample; infinite if they do not vary.

    Source: Efron and Tibshirani 1993, An Introduction to the Bootstrap, equation 14.15; several samples:
    Davison and Hinkley 1997, Bootstrap Methods and their Application, section 5.3.2.
    """
    cubes = squares = 0.0
    for statistics in left_out:
        jackknife = np.asarray(statistics)
        influence = (len(jackknife) - 1) * (jackknife.mean() - jackknife)
        cubes += float((influence**3).sum()) / len(jackknife) ** 3
        squares += float((influence**2).sum()) / len(jackknife) ** 2
    return cubes / (6 * squares**1.5) if squares > 0 else inf
