"""Learning curve: shares over tasks, with the interval of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ....ace.statistics import Estimate
from ...numbers import interval, percent
from ..markup import Element, Node
from .frame import Frame
from .scale import Scale
from .whole import whole

_HEIGHT = 220
_FEW = 40
"""Dots that are drawn in full; more would hide the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """A share after `x` tasks; `told` says of which tasks."""

    x: float
    share: Estimate
    told: str

    @property
    def words(self) -> str:
        """The point in words."""
        return f"{self.told}: {percent(self.share.value)} ({interval(self.share)}, n = {self.share.n})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Points that belong together: in order of x; `joined` by a line and a band, or each with its whisker."""

    name: str
    css: str
    points: tuple[CurvePoint, ...]
    joined: bool


def curve_chart(series: Sequence[Series], *, tasks: int, label: str) -> Element:
    """Return shares from 0 to 100 % over `tasks` tasks."""
    x = Scale(low=0, high=max(1, tasks))
    frame = Frame(
        x=x,
        y=Scale(low=0, high=1),
        height=_HEIGHT,
        y_word=percent,
        x_word=lambda value: f"{value:,.0f}" if value else "0 tasks",
        x_ticks=whole(x, 6),
        y_ticks=(0.0, 0.25, 0.5, 0.75, 1.0),
    )
    bands = [mark for one in series if one.joined for mark in _joined(frame, one)]
    marks = [mark for one in series for mark in _points(frame, one)]
    return frame.drawn(*bands, *marks, label=label)


def _joined(frame: Frame, series: Series) -> list[Node]:
    if len(series.points) < 2:  # noqa: PLR2004  # one point makes no line
        return []
    low = [(point.x, point.share.low) for point in series.points]
    high = [(point.x, point.share.high) for point in series.points]
    middle = [(point.x, point.share.value) for point in series.points]
    return [frame.band(low, high, f"band {series.css}"), frame.line(middle, f"curve {series.css}")]


def _points(frame: Frame, series: Series) -> list[Node]:
    marks: list[Node] = []
    for point in series.points:
        if not series.joined or len(series.points) == 1:
            marks.append(frame.whisker(point.x, point.share.low, point.share.high, f"whisker {series.css}"))
        small = series.joined and len(series.points) > _FEW
        css = f"dot {series.css} {'small' if small else ''}".strip()
        marks.append(frame.dot(point.x, point.share.value, css, point.words, 2 if small else 3.5))
    return marks
