"""Lower bounds that hold for all compared configurations at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from .replay import Floats

ROUNDS: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """One entry a configuration: mean gain, its lower bound, and on how many requests both are known."""

    gain: Floats
    low: Floats
    n: Floats


def lower_bounds(gains: Floats, *, level: float, seed: int, rounds: int = ROUNDS) -> Bounds:
    """Return the means of the columns with bounds that all hold together with probability `level`.

    `gains` has one row a request and one column a configuration: its utility less that of the one in use on
    the same request, NaN where either is unknown. Requests are drawn again; the bound is as many standard
    errors below the mean as the largest of all columns' deviations reaches in `level` of the rounds, which is
    the correction for their number, and a mild one where configurations are alike.

    Source: Romano and Wolf 2005, Econometrica 73:1237-1282 (studentised maximum).
    """
    known = ~np.isnan(gains)
    values = np.where(known, gains, 0.0)
    n = known.sum(axis=0).astype(np.float64)
    mean = values.sum(axis=0) / np.maximum(n, 1)
    spread = np.where(known, values - mean, 0.0)
    error = np.sqrt((spread**2).sum(axis=0) / np.maximum(n - 1, 1) / np.maximum(n, 1))
    # Exponential weights stand for drawing again (the Bayesian bootstrap), so that no column loses all rows.
    weights = np.random.default_rng(seed).standard_exponential((rounds, len(gains)))
    deviation = (weights @ spread) / np.maximum(weights @ known.astype(np.float64), 1e-12)
    usable = error > 0
    largest = (deviation[:, usable] / error[usable]).max(axis=1) if usable.any() else np.zeros(rounds)
    return Bounds(gain=mean, low=mean - float(np.quantile(largest, level)) * error, n=n)
