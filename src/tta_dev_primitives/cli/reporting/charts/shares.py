"""Shares: one share a row with its interval, all on the same axis from 0 to 100 %."""

from __future__ import annotations

from ....ace.statistics import Estimate
from ...numbers import interval, percent
from ..markup import Attributes, Element, el
from .scale import Scale

_HEIGHT = 26
_MIDDLE = _HEIGHT / 2
AXIS = Scale(low=0, high=1)


def share_row(share: Estimate, css: str, told: str) -> Element:
    """Return one share: its interval as a line, its value as a dot."""
    words = f"{told}: {percent(share.value)} ({interval(share)}, n = {share.n})"
    ends: Attributes = {
        "x1": AXIS.percent(share.low),
        "x2": AXIS.percent(share.high),
        "y1": _MIDDLE,
        "y2": _MIDDLE,
    }
    dot: Attributes = {"cx": AXIS.percent(share.value), "cy": _MIDDLE, "r": 5}
    return _row(
        *_grid(),
        el("line", css=f"whisker {css}", at=ends),
        el("circle", el("title", words), css=f"dot {css}", at=dot),
        label=words,
    )


def share_ticks() -> Element:
    """Return the words of the axis, to stand above the rows."""
    return _row(*map(_tick, (0.0, 0.25, 0.5, 0.75, 1.0)), label="share of tasks solved at the first try")


def _tick(value: float) -> Element:
    anchor = "start" if value == 0 else "end" if value == 1 else "middle"
    return el(
        "text", percent(value), css="tick", at={"x": AXIS.percent(value), "y": 18, "text-anchor": anchor}
    )


def _grid() -> list[Element]:
    places = [AXIS.percent(value) for value in (0.0, 0.25, 0.5, 0.75, 1.0)]
    return [el("line", css="grid", at={"x1": x, "x2": x, "y1": 0, "y2": _HEIGHT}) for x in places]


def _row(*marks: Element, label: str) -> Element:
    at: Attributes = {"width": "100%", "height": _HEIGHT, "role": "img", "aria-label": label}
    return el("svg", *marks, css="shares", at=at)
