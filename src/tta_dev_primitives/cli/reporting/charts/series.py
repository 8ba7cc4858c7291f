"""Series: a figure per task over the run, small enough to stand beside others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..markup import Element, Node
from .frame import Frame
from .scale import Scale, from_zero
from .whole import whole

_HEIGHT = 96
_FEW = 40
"""Dots that are drawn in full; more would hide the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A figure after `x` tasks; `told` says of which tasks."""

    x: float
    value: float
    told: str


def series_chart(
    levels: Sequence[Level],
    *,
    tasks: int,
    word: Callable[[float], str],
    label: str,
    top: float | None = None,
) -> Element:
    """Return the levels over `tasks` tasks; the axis goes from zero to `top`, else to what they need."""
    highest = [level.value for level in levels] if top is None else [top]
    x = Scale(low=0, high=max(1, tasks))
    y = from_zero(highest)
    frame = Frame(
        x=x,
        y=y,
        height=_HEIGHT,
        y_word=word,
        x_word=lambda value: f"{value:,.0f}",
        x_ticks=whole(x, 4),
        y_ticks=y.ticks(3),
    )
    marks: list[Node] = []
    if len(levels) > 1:
        marks.append(frame.line([(level.x, level.value) for level in levels], "curve a"))
    css, radius = ("dot a", 3.0) if len(levels) <= _FEW else ("dot a small", 2.0)
    marks += [frame.dot(level.x, level.value, css, level.told, radius) for level in levels]
    return frame.drawn(*marks, label=label)
