"""Errors: what first programs failed with, before learning and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ....ace.statistics import wilson
from ....ace.training.result import TaskResult
from ...numbers import interval, percent
from ..charts.bars import pair_of_bars
from ..charts.scale import Scale
from ..contrast import Contrast, contrast_of
from ..markup import Element, Node, el
from ..material import Material
from ..text import legend, section

_MOST = 12


def errors(material: Material) -> Element | None:
    """Return the section, or None if there are no two sides, or no error at all."""
    sides = contrast_of(material)
    if sides is None:
        return None
    before, after = _counts(sides.before), _counts(sides.after)
    kinds = sorted({*before, *after}, key=lambda kind: (-before[kind] - after[kind], kind))
    if not kinds:
        return None
    shown = kinds[:_MOST]
    axis = Scale(low=0, high=max(_share(before, sides.before, shown), _share(after, sides.after, shown)))
    lead = "What first programs failed with, as a share of tasks."
    rest = len(kinds) - len(shown)
    more = [el("p", f"{rest} rarer kinds of error are not shown.", css="note")] if rest else []
    keys = legend(
        ("before", _named(sides.before_name, sides.before)), ("after", _named(sides.after_name, sides.after))
    )
    rows = [_row(kind, sides, before[kind], after[kind], axis) for kind in shown]
    return section("errors", "Errors, before and after", lead, keys, _table(rows), *more)


def error_of(result: TaskResult) -> str:
    """Return what the first program failed with, or "" if it passed."""
    if result.first_try:
        return ""
    return result.error_signature or result.verdict.replace("_", " ")


def _counts(results: Sequence[TaskResult]) -> Counter[str]:
    return Counter(error for result in results if (error := error_of(result)))


def _share(counts: Counter[str], results: Sequence[TaskResult], kinds: Sequence[str]) -> float:
    return max(max(counts[kind] for kind in kinds) / len(results), 1e-6)


def _named(name: str, results: Sequence[TaskResult]) -> str:
    return f"{name} ({len(results)} tasks)"


def _table(rows: Sequence[Element]) -> Element:
    head = el(
        "tr",
        el("th", "Error", at={"scope": "col"}),
        el("th", "", css="plot", at={"scope": "col", "aria-hidden": "true"}),
        el("th", "Before", css="num", at={"scope": "col"}),
        el("th", "After", css="num", at={"scope": "col"}),
    )
    return el("table", el("thead", head), el("tbody", *rows), css="errors-table")


def _row(kind: str, sides: Contrast, before: int, after: int, axis: Scale) -> Element:
    shares = (before / len(sides.before), after / len(sides.after))
    told = f"{kind}: {_of(before, sides.before)} before, {_of(after, sides.after)} after"
    return el(
        "tr",
        el("th", el("code", kind), at={"scope": "row"}),
        el("td", pair_of_bars(*shares, axis, told), css="plot"),
        el("td", *_cell(before, sides.before), css="num"),
        el("td", *_cell(after, sides.after), css="num"),
    )


def _cell(count: int, results: Sequence[TaskResult]) -> tuple[Node, ...]:
    return (str(count), el("small", f" {percent(count / len(results))}"))


def _of(count: int, results: Sequence[TaskResult]) -> str:
    return f"{count} of {len(results)} ({interval(wilson(count, len(results)))})"
