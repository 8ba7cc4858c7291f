"""Properties of a table by itself: columns, rows, keys, order, values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field

from .table import Cell, Table, comparable, missing, number
from .table_property import Inputs, TableProperty

_Columns = Annotated[tuple[str, ...], Field(min_length=1)]


class Schema(TableProperty):
    """These columns in this order, each cell of its kind or missing."""

    kind: Literal["schema"] = "schema"
    columns: Annotated[Mapping[str, Literal["text", "number", "integer", "date"]], Field(min_length=1)]

    @property
    def says(self) -> str:
        """The columns with their kinds."""
        return "columns " + ", ".join(f"{name} ({kind})" for name, kind in self.columns.items())

    def _fault(self, output: Table, inputs: Inputs) -> str | None:  # noqa: ARG002  # as every property
        """Compare the header, then the kind of each cell."""
        if output.columns != tuple(self.columns):
            return f"the columns are {list(output.columns)}, not {list(self.columns)}"
        for name, kind in self.columns.items():
            for place, cell in enumerate(output.column(name), start=1):
                if not missing(cell) and not _is(kind, cell):
                    return f"{name} of row {place} is {cell!r}, which is no {kind}"
        return None


class RowCount(TableProperty):
    """So many rows: as many as the file `like`, or between `at_least` and `at_most`."""

    kind: Literal["row_count"] = "row_count"
    at_least: Annotated[int, Field(ge=0)] = 0
    at_most: Annotated[int, Field(ge=0)] | None = None
    like: str | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """The file to count."""
        return () if self.like is None else (self.like,)

    @property
    def says(self) -> str:
        """The bounds."""
        if self.like is not None:
            return f"as many rows as {self.like}"
        most = "" if self.at_most is None else f", at most {self.at_most}"
        return f"at least {self.at_least} rows{most}"

    def _fault(self, output: Table, inputs: Inputs) -> str | None:
        """Count the rows."""
        rows = len(output.rows)
        if self.like is not None and rows != len(inputs[self.like].rows):
            return f"there are {rows} rows, {self.like} has {len(inputs[self.like].rows)}"
        if rows < self.at_least or (self.at_most is not None and rows > self.at_most):
            return f"there are {rows} rows; wanted: {self.says}"
        return None


class Unique(TableProperty):
    """No two rows have the same cells in `columns`."""

    kind: Literal["unique"] = "unique"
    columns: _Columns

    @property
    def named(self) -> tuple[str, ...]:
        """The columns."""
        return self.columns

    @property
    def says(self) -> str:
        """The key."""
        return f"no two rows with the same {', '.join(self.columns)}"

    def _fault(self, output: Table, inputs: Inputs) -> str | None:  # noqa: ARG002  # as every property
        """Count the keys."""
        keys = Counter(tuple(comparable(row.get(name)) for name in self.columns) for row in output.rows)
        twice = next((key for key, count in keys.items() if count > 1), None)
        return (
            None if twice is None else f"{', '.join(self.columns)} {_shown(twice)} is in {keys[twice]} rows"
        )


class SortedBy(TableProperty):
    """Rows are in the order of `columns`: as numbers where all cells of a column are, else as text."""

    kind: Literal["sorted_by"] = "sorted_by"
    columns: _Columns
    descending: bool = False

    @property
    def named(self) -> tuple[str, ...]:
        """The columns."""
        return self.columns

    @property
    def says(self) -> str:
        """The order."""
        return f"sorted by {', '.join(self.columns)}{', descending' if self.descending else ''}"

    def _fault(self, output: Table, inputs: Inputs) -> str | None:  # noqa: ARG002  # as every property
        """Compare neighbours."""
        keys = list(zip(*(_sort_keys(output.column(name)) for name in self.columns), strict=True))
        for place, (one, other) in enumerate(pairwise(keys), start=2):
            if (one < other) if self.descending else (other < one):
                return f"row {place} is out of order; wanted: {self.says}"
        return None


class NoMissing(TableProperty):
    """Nothing is missing in `columns`, in all if none are named: no empty cell, NaN, null or n/a."""

    kind: Literal["no_missing"] = "no_missing"
    columns: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """The columns."""
        return self.columns

    @property
    def says(self) -> str:
        """Where nothing may be missing."""
        return f"nothing missing in {', '.join(self.columns) or 'any column'}"

    def _fault(self, output: Table, inputs: Inputs) -> str | None:  # noqa: ARG002  # as every property
        """Look at each cell."""
        for name in self.columns or output.columns:
            for place, cell in enumerate(output.column(name), start=1):
                if missing(cell):
                    return f"{name} of row {place} is missing: {cell!r}"
        return None


class Within(TableProperty):
    """Every number in `column` is between `lowest` and `highest`; what is missing does not count."""

    kind: Literal["within"] = "within"
    column: str
    lowest: float
    highest: float

    @property
    def named(self) -> tuple[str, ...]:
        """The column."""
        return (self.column,)

    @property
    def says(self) -> str:
        """The bounds."""
        return f"{self.column} between {self.lowest:g} and {self.highest:g}"

    def _fault(self, output: Table, inputs: Inputs) -> str | None:  # noqa: ARG002  # as every property
        """Look at each cell."""
        for place, cell in enumerate(output.column(self.column), start=1):
            value = number(cell)
            if not missing(cell) and (value is None or not self.lowest <= value <= self.highest):
                return f"{self.column} of row {place} is {cell!r}; wanted: {self.says}"
        return None


def _is(kind: str, cell: Cell) -> bool:
    if kind == "text":
        return isinstance(cell, str)
    if kind == "date":
        return isinstance(cell, str) and _is_date(cell)
    value = number(cell)
    return value is not None and (kind == "number" or value == value.to_integral_value())


def _is_date(text: str) -> bool:
    try:
        datetime.fromisoformat(text.strip())
    except ValueError:
        return False
    return True


def _sort_keys(cells: Sequence[Cell]) -> list[tuple[Decimal, str]]:
    values = [number(cell) for cell in cells]
    if all(value is not None for value in values):
        return [(value or Decimal(0), "") for value in values]
    return [(Decimal(0), str(cell)) for cell in cells]


def _shown(key: tuple[str, ...]) -> str:
    return ", ".join(map(repr, key))[:200]
