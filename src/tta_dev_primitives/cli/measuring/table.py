"""Metrics on the screen: figures in columns, then what they say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from rich.table import Table
from rich.text import Text

from ...ace.metrics import Metric, Reading
from ..screen import Screen
from .wording import basis, curve, interval, value


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A reading as text; the last cell may be broken on a terminal."""

    value: str
    interval: str
    basis: str
    said: Text

    @property
    def figures(self) -> tuple[str, str, str]:
        return self.value, self.interval, self.basis


def show_table(metrics: Sequence[Metric], screen: Screen) -> None:
    """Print the metrics below the heading of their group."""
    rows = {metric.name: [_row(reading) for reading in metric.readings] for metric in metrics}
    every = [row.figures for group in rows.values() for row in group]
    widths = [max(len(figures[place]) for figures in every) for place in range(3)]
    for group, members in groupby(metrics, key=lambda metric: metric.group):
        screen.show(Text(group, style="bold underline"))
        for metric in members:
            screen.show(Text.assemble("  ", (metric.name, "bold"), f": {metric.meaning}"))
            if screen.out.is_terminal:
                screen.show(_grid(rows[metric.name], widths))
            else:
                screen.show(*_lines(rows[metric.name], widths))
        screen.show("")


def _row(reading: Reading) -> _Row:
    known = reading.value is not None
    said = Text(reading.what, style="" if known else "dim")
    shape = curve(reading.trend, reading.unit) if known else ""
    said.append(f"  {shape}" if shape else "", style="cyan")
    separator = "; " if known else ": "
    said.append(f"{separator}{reading.note}" if reading.note else "", style="dim")
    return _Row(value=value(reading), interval=interval(reading), basis=basis(reading), said=said)


def _grid(rows: Sequence[_Row], widths: Sequence[int]) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(width=2)
    for width in widths:
        grid.add_column(justify="right", width=width, no_wrap=True)
    grid.add_column(overflow="fold")
    for row in rows:
        grid.add_row("", Text(row.value, style="bold"), row.interval, row.basis, row.said)
    return grid


def _lines(rows: Sequence[_Row], widths: Sequence[int]) -> Iterator[Text]:
    for row in rows:
        cells = [cell.rjust(width) for cell, width in zip(row.figures, widths, strict=True)]
        yield Text.assemble("    ", "  ".join(cells), "  ", row.said)
