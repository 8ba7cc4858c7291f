"""The slope of time against size in log-log: the power by which the time grows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import log
from statistics import median


def slope(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """Return the median slope of all pairs of points; one outlier among them moves it little.

    Source: Theil 1950 and Sen 1968, on logarithms. `len(sizes) == len(seconds)`, all above 0.
    """
    points = list(zip(map(log, sizes), map(log, seconds), strict=True))
    return median((y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in combinations(points, 2))
