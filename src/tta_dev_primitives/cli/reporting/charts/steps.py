"""Steps: a count that changes at some tasks and stays between them, such as the size of a playbook."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..markup import Element
from .frame import Frame, Point
from .scale import Scale, from_zero
from .whole import whole

_HEIGHT = 96


def steps_chart(points: Sequence[Point], *, tasks: int, word: Callable[[float], str], label: str) -> Element:
    """Return the count as a line of steps; points are in order of x, each the count from there on."""
    x = Scale(low=0, high=max(1, tasks))
    y = from_zero([count for _, count in points])
    frame = Frame(
        x=x,
        y=y,
        height=_HEIGHT,
        y_word=word,
        x_word=lambda value: f"{value:,.0f}",
        x_ticks=whole(x, 4),
        y_ticks=y.ticks(3),
    )
    return frame.drawn(frame.line(_corners(points, tasks), "curve a"), label=label)


def _corners(points: Sequence[Point], tasks: int) -> list[Point]:
    corners = list[Point]()
    for x, count in points:
        if corners:
            corners.append((x, corners[-1][1]))
        corners.append((x, count))
    return [*corners, (tasks, corners[-1][1])] if corners else [(0, 0), (tasks, 0)]
