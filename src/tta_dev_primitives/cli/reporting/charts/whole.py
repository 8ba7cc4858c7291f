"""Ticks for counts."""

from __future__ import annotations

from .scale import Scale


def whole(scale: Scale, spaces: int) -> tuple[float, ...]:
    """Return the ticks of `scale` that are whole numbers."""
    return tuple(tick for tick in scale.ticks(spaces) if tick == int(tick))
