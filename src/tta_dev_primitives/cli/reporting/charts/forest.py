"""Forest plot: differences with their intervals on one axis, a row each, zero marked."""

from __future__ import annotations

from collections.abc import Sequence

from ....ace.statistics import Estimate
from ..markup import Attributes, Element, el
from ..signed import points, points_interval
from .scale import Scale

_HEIGHT = 22
_MIDDLE = _HEIGHT / 2


def forest_axis(estimates: Sequence[Estimate]) -> Scale:
    """Return an axis for the estimates: it holds zero and all intervals, and is never shorter than .4."""
    ends = [0.0, -0.2, 0.2, *(one.low for one in estimates), *(one.high for one in estimates)]
    return Scale(low=max(-1.0, min(ends) - 0.02), high=min(1.0, max(ends) + 0.02))


def forest_row(estimate: Estimate, axis: Scale, told: str) -> Element:
    """Return one difference: its interval as a line, its value as a dot, more weight if zero is left out."""
    css = "harm" if estimate.high < 0 else "help" if estimate.low > 0 else "open"
    words = f"{told}: {points(estimate.value)} points ({points_interval(estimate)}, n = {estimate.n})"
    return _row(
        _upright(axis, 0, "zero"),
        el("line", css="whisker", at=_level(axis.percent(estimate.low), axis.percent(estimate.high))),
        el(
            "circle",
            el("title", words),
            css="dot",
            at={"cx": axis.percent(estimate.value), "cy": _MIDDLE, "r": 4},
        ),
        css=f"forest {css}",
        label=words,
    )


def forest_empty(axis: Scale) -> Element:
    """Return a row without a difference."""
    return _row(_upright(axis, 0, "zero"), css="forest", label="no difference measured")


def forest_ticks(axis: Scale) -> Element:
    """Return the words of the axis, to stand above the rows."""
    return _row(*(_tick(axis, tick) for tick in axis.ticks(6)), css="forest", label="points of success")


def _tick(axis: Scale, tick: float) -> Element:
    place = axis.place(tick)
    anchor = "start" if place < 0.06 else "end" if place > 0.94 else "middle"  # noqa: PLR2004  # at the ends
    return el("text", points(tick), css="tick", at={"x": axis.percent(tick), "y": 16, "text-anchor": anchor})


def _row(*marks: Element, css: str, label: str) -> Element:
    at: Attributes = {"width": "100%", "height": _HEIGHT, "role": "img", "aria-label": label}
    return el("svg", *marks, css=css, at=at)


def _upright(axis: Scale, value: float, css: str) -> Element:
    return el(
        "line", css=css, at={"x1": axis.percent(value), "x2": axis.percent(value), "y1": 0, "y2": _HEIGHT}
    )


def _level(left: str, right: str) -> Attributes:
    return {"x1": left, "x2": right, "y1": _MIDDLE, "y2": _MIDDLE}
