"""Table: rows of named cells, read on the host from what a program printed or was given."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeAlias

from pydantic import JsonValue, TypeAdapter, ValidationError

from ...core.errors import InvalidTask

Cell: TypeAlias = JsonValue
_MISSING = frozenset({"", "nan", "none", "null", "n/a", "na", "<na>", "nat"})
_ROW: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])
_MAX_DIGITS = 100
"""Longer numbers are text: what a guest prints must not cost the host much time."""


class Form(StrEnum):
    """How a table is written."""

    CSV = "csv"
    """With a header, by RFC 4180."""
    JSON_LINES = "jsonl"
    """One object a line, all with the same keys."""


class NoTableError(ValueError):
    """The text is no table; the message says where and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Columns in their order, and rows; every row has a cell for each column."""

    columns: tuple[str, ...]
    rows: tuple[Mapping[str, Cell], ...]

    def column(self, name: str) -> list[Cell]:
        """Return the cells of a column, top to bottom; each is missing if there is no such column."""
        return [row.get(name) for row in self.rows]


def read_table(text: str, form: Form) -> Table:
    """Return the table that `text` holds.

    Raises:
        NoTableError: it holds none.
    """
    return _read_csv(text) if form is Form.CSV else _read_json_lines(text)


def read_input(name: str, content: bytes) -> Table:
    """Return the table in the file called `name`, by its suffix: .jsonl, or else CSV.

    Raises:
        InvalidTask: it holds none.
    """
    form = Form.JSON_LINES if name.endswith(".jsonl") else Form.CSV
    try:
        return read_table(content.decode("utf-8-sig"), form)
    except ValueError as error:  # also what is no UTF-8
        raise InvalidTask(f"files: {name!r} is not read as {form}: {error}") from None


def number(cell: Cell) -> Decimal | None:
    """Return the finite number that a cell holds, or None."""
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return None
    if isinstance(cell, float) and not math.isfinite(cell):
        return None
    try:
        text = str(cell).strip()
        value = Decimal(text) if len(text) <= _MAX_DIGITS else None
    except (InvalidOperation, ValueError):  # ValueError: an integer of more digits than Python writes
        return None
    return value if value is not None and value.is_finite() and abs(value.adjusted()) <= _MAX_DIGITS else None


def missing(cell: Cell) -> bool:
    """Tell whether nothing stands in a cell, or what stands for nothing, such as NaN."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return True
    return isinstance(cell, str) and cell.strip().lower() in _MISSING


def comparable(cell: Cell) -> str:
    """Return what two cells that mean the same have in common: 1, 1.0 and "1" are one value."""
    value = number(cell)
    return str(cell) if value is None else f"{value.normalize():f}"


def _read_csv(text: str) -> Table:
    try:
        lines = [line for line in csv.reader(io.StringIO(text), strict=True) if line]
    except csv.Error as error:
        raise NoTableError(f"it is no CSV: {error}") from None
    if not lines:
        raise NoTableError("it is empty; a header was expected")
    header, *body = lines
    if len(set(header)) < len(header):
        raise NoTableError("two columns have the same name")
    for line_number, line in enumerate(body, start=1):
        if len(line) != len(header):
            raise NoTableError(f"row {line_number} has {len(line)} fields, the header has {len(header)}")
    return Table(columns=tuple(header), rows=tuple(dict(zip(header, line, strict=True)) for line in body))


def _read_json_lines(text: str) -> Table:
    rows: list[Mapping[str, Cell]] = []
    for line_number, line in enumerate(filter(str.strip, text.split("\n")), start=1):
        rows.append(_json_row(line, line_number))
        if rows[-1].keys() != rows[0].keys():
            raise NoTableError(f"row {line_number} has other keys than the first: {', '.join(rows[-1])}")
    return Table(columns=tuple(rows[0]) if rows else (), rows=tuple(rows))


def _json_row(line: str, line_number: int) -> Mapping[str, Cell]:
    try:
        return _ROW.validate_python(json.loads(line))
    except (ValidationError, ValueError, RecursionError):
        raise NoTableError(f"row {line_number} is no JSON object") from None
