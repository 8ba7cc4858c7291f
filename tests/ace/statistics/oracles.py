"""The answers of scipy. It has no types: what it returns gets them here, and nowhere else."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

stats, optimize = import_module("scipy.stats"), import_module("scipy.optimize")


class _Curve(Protocol):
    def evaluate(self, x: float) -> float: ...


class _Band(Protocol):
    low: _Curve
    high: _Curve


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    time: float
    survival: float
    loglog: Interval
    greenwood: Interval


def wilson_interval(successes: int, n: int, level: float) -> Interval:
    found = stats.binomtest(successes, n).proportion_ci(level, method="wilson")
    return Interval(low=float(found.low), high=float(found.high))


def sign_test(successes: int, n: int) -> float:
    return float(stats.binomtest(successes, n).pvalue) if n else 1.0


def mean_interval(values: Sequence[float], *, seed: int, rounds: int) -> Interval:
    return _bca((values,), np.mean, seed, rounds)


def median_interval(values: Sequence[float], *, seed: int, rounds: int) -> Interval:
    return _bca((values,), np.median, seed, rounds)


def change_interval(old: Sequence[float], new: Sequence[float], *, seed: int, rounds: int) -> Interval:
    return _bca((old, new), _change, seed, rounds)


def _change(old: NDArray[np.float64], new: NDArray[np.float64], axis: int = -1) -> NDArray[np.float64]:
    return np.asarray(new.mean(axis=axis) - old.mean(axis=axis))


def survival_curve(times: Sequence[int], ended: Sequence[bool]) -> list[Point]:
    data = stats.CensoredData(
        uncensored=[time for time, end in zip(times, ended, strict=True) if end],
        right=[time for time, end in zip(times, ended, strict=True) if not end],
    )
    curve = stats.ecdf(data).sf
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where the formulas are not defined
        loglog: _Band = curve.confidence_interval(method="log-log")
        greenwood: _Band = curve.confidence_interval(method="linear")
    return [
        Point(time=float(t), survival=float(s), loglog=_at(loglog, t), greenwood=_at(greenwood, t))
        for t, s in zip(curve.quantiles, curve.probabilities, strict=True)
    ]


def lowest(function: Callable[[float], float], low: float, high: float) -> float:
    found = optimize.minimize_scalar(function, bounds=(low, high), options={"xatol": 1e-12})
    return float(found.x)


def root(function: Callable[[float], float], low: float, high: float) -> float:
    return float(optimize.brentq(function, low, high))


def _at(band: _Band, time: float) -> Interval:
    return Interval(low=float(band.low.evaluate(time)), high=float(band.high.evaluate(time)))


def _bca(
    samples: tuple[Sequence[float], ...], statistic: Callable[..., object], seed: int, rounds: int
) -> Interval:
    rng = np.random.default_rng(seed)
    found = stats.bootstrap(samples, statistic, n_resamples=rounds, method="BCa", rng=rng).confidence_interval
    return Interval(low=float(found.low), high=float(found.high))
