"""The answers of scipy. It has no types: what it returns gets them here, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import numpy as np

from tta_dev_primitives.ace.evidence.regression import Array

integrate, optimize = import_module("scipy.integrate"), import_module("scipy.optimize")


def minimum(loss: Callable[[Array], float], start: Array) -> Array:
    found = optimize.minimize(loss, start, method="BFGS", options={"gtol": 1e-8})
    return np.asarray(found.x, dtype=np.float64)


def integral(function: Callable[[float], float], low: float, high: float) -> float:
    return float(integrate.quad(function, low, high)[0])
