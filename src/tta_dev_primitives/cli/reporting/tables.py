"""Tables of words and figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from .markup import Element, Node, el

NOTHING: Final = "\N{EN DASH}"
"""Where there is no figure."""


def table(titles: Sequence[str], rows: Iterable[Sequence[Node]]) -> Element:
    """Return a table whose first column names the rows; the others hold figures."""
    head = el(
        "tr",
        *(
            el("th", title, css="num" if place else "", at={"scope": "col"})
            for place, title in enumerate(titles)
        ),
    )
    body = [
        el("tr", el("th", row[0], at={"scope": "row"}), *(el("td", cell, css="num") for cell in row[1:]))
        for row in rows
    ]
    return el("div", el("table", el("thead", head), el("tbody", *body)), css="scroll")
