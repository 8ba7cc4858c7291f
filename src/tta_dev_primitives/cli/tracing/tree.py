"""A run as a tree with times: a line for each step and each event, beside it when it was and how long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from ...observability.reading import Moment, State, TracedRun, TracedSpan
from ...observability.wording import described, duration, one_line

_BAR: Final = 20
_WIDEST_LABEL: Final = 56
_DEEPEST: Final = 16
_KEPT_GUIDE: Final = 3 * (_DEEPEST + 1)
"""Of the guides of what nests deeper, which would take quadratic time."""
_MOST_ROWS: Final = 2_000
_SIGNS: Final[Mapping[State, tuple[str, str]]] = {
    State.DONE: ("✓", "green"),
    State.FAILED: ("✗", "bold red"),
    State.CANCELLED: ("-", "yellow"),
    State.RUNNING: ("▸", "cyan"),
    State.LOST: ("?", "yellow"),
}
_WORDS: Final[Mapping[State, str]] = {
    State.CANCELLED: "cancelled",
    State.RUNNING: "running",
    State.LOST: "no end: its process is gone",
}

_Item: TypeAlias = TracedSpan | Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A line before it is laid out; `seconds` is None for what happened at an instant or has not ended."""

    guide: str
    sign: tuple[str, str]
    name: str
    at: float
    seconds: float | None
    told: Text


def tree(run: TracedRun) -> list[Text]:
    """Return the lines of the tree; of a very long one the first."""
    rows = list(_rows(run))
    width = min(_WIDEST_LABEL, max((cell_len(_label(row)) for row in rows), default=0))
    began, whole = run.started, run.seconds or 1.0  # asked once: each goes through all that the run has
    lines = [_line(row, width, began=began, whole=whole) for row in rows[:_MOST_ROWS]]
    if len(rows) > _MOST_ROWS:
        lines.append(Text(f"... and {len(rows) - _MOST_ROWS:,} more; --json has all", style="dim"))
    return lines


def _rows(run: TracedRun) -> Iterator[_Row]:
    """Go through the tree from the top, without recursion: a file may nest as deep as it likes."""
    inside = _inside(run)
    left: list[tuple[_Item, str | None, bool]] = [(item, None, last) for item, last in _marked(inside, None)]
    while left:
        item, before, last = left.pop()
        yield _row(item, "" if before is None else f"{before}{'└─ ' if last else '├─ '}")
        if isinstance(item, TracedSpan):
            deeper = "" if before is None else f"{before}{'   ' if last else '│  '}"[-_KEPT_GUIDE:]
            left += [(child, deeper, end) for child, end in _marked(inside, item.id)]


def _inside(run: TracedRun) -> Mapping[str | None, Sequence[_Item]]:
    """Return what is directly inside each span, in the order it began."""
    found: dict[str | None, list[_Item]] = {}
    everything: tuple[_Item, ...] = (*run.spans, *run.moments)
    for item in everything:
        found.setdefault(_parent(item), []).append(item)
    return {parent: sorted(items, key=_began) for parent, items in found.items()}


def _marked(inside: Mapping[str | None, Sequence[_Item]], parent: str | None) -> list[tuple[_Item, bool]]:
    """Return what is inside a span, the last one first, each with whether it is the last."""
    return [(item, number == 0) for number, item in enumerate(reversed(inside.get(parent, ())))]


def _parent(item: _Item) -> str | None:
    return item.parent if isinstance(item, TracedSpan) else item.span


def _began(item: _Item) -> float:
    return item.started if isinstance(item, TracedSpan) else item.at - (item.seconds or 0.0)


def _row(item: _Item, guide: str) -> _Row:
    if len(guide) > 3 * _DEEPEST:
        guide = f"… {guide[-3 * _DEEPEST :]}"
    if isinstance(item, Moment):
        sign, name, told = _of_moment(item)
        return _Row(guide=guide, sign=sign, name=name, at=_began(item), seconds=item.seconds, told=told)
    told = Text(one_line(item.error), style="red") if item.state is State.FAILED else _state(item.state)
    sign, name = _SIGNS[item.state], one_line(item.name)
    return _Row(guide=guide, sign=sign, name=name, at=item.started, seconds=item.seconds, told=told)


def _state(state: State) -> Text:
    return Text(_WORDS.get(state, ""), style="yellow")


def _of_moment(moment: Moment) -> tuple[tuple[str, str], str, Text]:
    passed = moment.attributes.get("playbox.verdict.success")
    style = "green" if passed is True else "red" if passed is False else "dim"
    name = moment.name.replace("_", " ") if moment.seconds is None else moment.name
    told = Text(described(moment.attributes), style=style)
    return ("•" if moment.seconds is None else "◦", style), one_line(name), told


def _label(row: _Row) -> str:
    return f"{row.guide}{row.sign[0]} {row.name}"


def _line(row: _Row, width: int, *, began: float, whole: float) -> Text:
    label = set_cell_size(_label(row), width)
    text = Text(label)
    at = len(row.guide)
    text.stylize("dim", 0, at)
    text.stylize(row.sign[1], at, at + 1)
    took = "" if row.seconds is None else duration(row.seconds)
    text.append(f"  {took:>9}  ")
    text.append(_bar(row, began=began, whole=whole), style="blue" if row.sign[0] not in "✗?" else "red")
    if row.told:
        text.append("  ").append_text(row.told)
    text.rstrip()
    return text


def _bar(row: _Row, *, began: float, whole: float) -> str:
    """Return when it was, as a part of the `whole` seconds of a run that `began`."""
    begin = min(_BAR - 1, max(0, int((row.at - began) / whole * _BAR)))
    if row.seconds is None:
        mark = "▒" * (_BAR - begin) if row.sign == _SIGNS[State.RUNNING] else "·"
        return (" " * begin + mark).ljust(_BAR)
    length = max(1, min(_BAR - begin, round(row.seconds / whole * _BAR)))
    return (" " * begin + "█" * length).ljust(_BAR)
