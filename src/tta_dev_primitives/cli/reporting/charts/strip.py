"""Strip: every task of a run in order, one mark each, as a way into the details."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..markup import Attributes, Element, el
from .scale import percent

_HEIGHT = 20
_SHARE = 0.78
"""Of the room of a task that its mark takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A task: `first`, `later` or `never` solved; `link` leads to its details, if they are on the page."""

    outcome: str
    told: str
    link: str = ""


def strip(marks: Sequence[Mark], *, columns: int, label: str) -> Element:
    """Return the marks from left to right: solved at once full, solved later half, never solved hollow.

    There is room for `columns` of them, so that strips of several lengths can be compared.
    """
    room = 1 / max(columns, len(marks), 1)
    drawn = [_mark(mark, number * room, room) for number, mark in enumerate(marks)]
    at: Attributes = {"width": "100%", "height": _HEIGHT, "role": "group", "aria-label": label}
    return el("svg", *drawn, css="strip", at=at)


def _mark(mark: Mark, left: float, room: float) -> Element:
    half = mark.outcome == "later"
    at: Attributes = {
        "x": percent(left + room * (1 - _SHARE) / 2),
        "y": _HEIGHT / 2 if half else 1,
        "width": percent(room * _SHARE),
        "height": _HEIGHT / 2 - 1 if half else _HEIGHT - 2,
    }
    bar = el("rect", el("title", mark.told), css=mark.outcome, at=at)
    return el("a", bar, at={"href": f"#{mark.link}"}) if mark.link else bar
