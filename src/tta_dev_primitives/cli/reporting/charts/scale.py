"""Scale: from figures to places on an axis, and round figures to mark on it."""

from __future__ import annotations

import math
from dataclasses import dataclass

_ROUND_STEPS = (1.0, 2.0, 5.0, 10.0)
_NOTHING = 1e-9
"""A figure that is not worth an axis of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """An axis from `low` to `high`, which differ."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"an axis from {self.low!r} to {self.high!r} has no length")

    def place(self, value: float) -> float:
        """Return where `value` is, from 0 at `low` to 1 at `high`; what lies outside is at the end."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))

    def percent(self, value: float) -> str:
        """Return the place of `value` from the left."""
        return percent(self.place(value))

    def ticks(self, most: int) -> tuple[float, ...]:
        """Return round figures on the axis, evenly spaced, with at most `most` spaces between them."""
        step = _round_up((self.high - self.low) / most)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return tuple(step * number for number in range(first, last + 1))


def from_zero(values: list[float]) -> Scale:
    """Return an axis from zero to a round figure above all `values`, none of them negative."""
    top = max(values, default=0.0)
    step = _round_up(top / 3) if top > _NOTHING else 1.0
    return Scale(low=0.0, high=step * max(1, math.ceil(top / step - 1e-9)))


def percent(place: float) -> str:
    """Return a place from 0 to 1 as SVG writes it."""
    return f"{100 * place:.2f}%"


def _round_up(step: float) -> float:
    """Return the smallest round step that is not below `step`."""
    size = 10.0 ** math.floor(math.log10(step))
    return next(factor * size for factor in _ROUND_STEPS if factor * size >= step * (1 - 1e-9))
