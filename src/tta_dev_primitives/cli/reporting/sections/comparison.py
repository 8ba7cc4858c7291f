"""The comparison: the same tasks with one playbook, with another, or with none."""

from __future__ import annotations

from ....ace.statistics import mcnemar_exact, tango
from ...numbers import decimal, interval, percent
from ..charts.shares import share_row, share_ticks
from ..contrast import pairs_of
from ..markup import Element, Node, el
from ..material import Group, Material, Sides
from ..signed import points, points_interval
from ..tables import table
from ..text import prose, section

_SURE = 0.0001
"""A probability below which only that is told."""


def comparison(material: Material) -> Element | None:
    """Return the section, or None if there is nothing to compare."""
    sides = material.sides
    if sides is None:
        return None
    lead = f"{sides.of}: the share that the first program solved, with its 95 % interval."
    caveat = [el("p", prose(sides.caveat), css="finding")] if sides.caveat else []
    return section("comparison", "Comparison", lead, _table(sides), *_findings(sides), *caveat)


def _table(sides: Sides) -> Element:
    titles = ("First try", "95 %", "Calls", "Tokens")
    head = el(
        "tr",
        el("th", "With", at={"scope": "col"}),
        el("th", share_ticks(), css="plot", at={"scope": "col"}),
        *(el("th", title, css="num", at={"scope": "col"}) for title in titles),
    )
    rows = [_row(group, "b" if group is sides.chosen else "d") for group in sides.groups]
    return el("table", el("thead", head), el("tbody", *rows), css="shares-table")


def _row(group: Group, css: str) -> Element:
    share, results = group.first_try, group.results
    solved, count = sum(result.first_try for result in results), len(results)
    calls, tokens = (sum(getattr(one, name) for one in results) / count for name in ("calls", "tokens"))
    return el(
        "tr",
        el("th", group.title, at={"scope": "row"}),
        el("td", share_row(share, css, group.title), css="plot"),
        el("td", percent(share.value), el("small", f" {solved} of {count}"), css="num"),
        el("td", interval(share), css="num"),
        el("td", decimal(calls), css="num"),
        el("td", f"{tokens:,.0f}", css="num"),
    )


def _findings(sides: Sides) -> list[Node]:
    """Return in a sentence how the two compare, or in a table how all do."""
    if len(sides.groups) == 2:  # noqa: PLR2004  # a pair
        return [el("p", prose(_told(sides)), css="finding")]
    against = [group for group in sides.groups if group in (sides.reference, sides.chosen)]
    titles = ["Task by task", *(title for group in against for title in (f"against {group.title}", "p"))]
    rows = [
        [group.title, *(cell for other in against for cell in _cells(group, other))] for group in sides.groups
    ]
    note = "Points of first-try success on the same tasks, with Tango's 95 % interval; McNemar's exact p."
    return [el("div", table(titles, rows), el("p", prose(note), css="note"), css="below")]


def _cells(group: Group, other: Group) -> tuple[str, str]:
    pairs = pairs_of(other.results, group.results)
    if group is other or not pairs.n:
        return "", ""
    change = tango(pairs)
    return f"{points(change.value)} ({points_interval(change)})", _probability(mcnemar_exact(pairs)).lstrip(
        "= "
    )


def _told(sides: Sides) -> str:
    chosen, reference = sides.groups[1], sides.reference
    title = f"{chosen.title[:1].upper()}{chosen.title[1:]}"
    pairs = pairs_of(reference.results, chosen.results)
    if not pairs.n:
        return f"{title} did other tasks than {reference.title}, so they are not compared one by one."
    change = tango(pairs)
    return (
        f"{title} against {reference.title}, on the same {pairs.n} tasks: {points(change.value)} points "
        f"({points_interval(change)}); {pairs.only_second} solved only by the former, {pairs.only_first} "
        f"only by the latter; p {_probability(mcnemar_exact(pairs))} by McNemar's exact test."
    )


def _probability(p: float) -> str:
    return f"< {_SURE}" if p < _SURE else f"= {p:.2g}"
