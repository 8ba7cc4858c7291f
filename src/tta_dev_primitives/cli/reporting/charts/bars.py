"""Bars: a share before and after, one above the other, as a row of a table."""

from __future__ import annotations

from ..markup import Attributes, Element, el
from .scale import Scale

_BAR = 7
_GAP = 2


def pair_of_bars(before: float, after: float, axis: Scale, told: str) -> Element:
    """Return two bars from zero, the earlier one above."""
    height = 2 * _BAR + _GAP
    at: Attributes = {"width": "100%", "height": height, "role": "img", "aria-label": told}
    return el(
        "svg",
        el("title", told),
        _bar(before, axis, 0, "before"),
        _bar(after, axis, _BAR + _GAP, "after"),
        css="bars",
        at=at,
    )


def _bar(value: float, axis: Scale, top: float, css: str) -> Element:
    # A bar of nothing keeps a hair's breadth, so that the row does not look forgotten.
    width = axis.percent(value) if value > 0 else "1"
    return el("rect", css=css, at={"x": 0, "y": top, "width": width, "height": _BAR})
