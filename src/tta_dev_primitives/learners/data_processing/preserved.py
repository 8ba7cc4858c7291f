"""Properties of a table beside what it was made from: what must be kept."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from .table import Cell, Table, comparable, number
from .table_property import Inputs, TableProperty

_TOLERANCE = Decimal("1e-9")
"""Of a sum, relative: what summing binary floats in another order costs, with a margin."""


class _Kept(TableProperty):
    """What `column` keeps of the column `of` in the input `file`."""

    column: str
    file: str
    of: str

    @property
    def named(self) -> tuple[str, ...]:
        """The column."""
        return (self.column,)

    @property
    def files(self) -> tuple[str, ...]:
        """The file to compare with."""
        return (self.file,)


class SumPreserved(_Kept):
    """The sum of `column` is that of the column `of` in the input `file`, whatever was grouped or split."""

    kind: Literal["sum_preserved"] = "sum_preserved"

    @property
    def says(self) -> str:
        """The two sums."""
        return f"the sum of {self.column} is that of {self.of} in {self.file}"

    def _fault(self, output: Table, inputs: Inputs) -> str | None:
        """Compare the sums, exact but for 1e-9 of their size; what is no number adds nothing."""
        given, printed = _sum(inputs[self.file].column(self.of)), _sum(output.column(self.column))
        if abs(given - printed) <= _TOLERANCE * max(abs(given), abs(printed), Decimal(1)):
            return None
        return f"the sum of {self.column} is {printed:f}; wanted: {self.says}, which is {given:f}"


class SameValues(_Kept):
    """The distinct values of `column` are those of the column `of` in the input `file`."""

    kind: Literal["same_values"] = "same_values"

    @property
    def says(self) -> str:
        """The two sets."""
        return f"{self.column} has the values of {self.of} in {self.file}"

    def _fault(self, output: Table, inputs: Inputs) -> str | None:
        """Compare the sets."""
        printed = {comparable(cell) for cell in output.column(self.column)}
        given = {comparable(cell) for cell in inputs[self.file].column(self.of)}
        lost, new = sorted(given - printed), sorted(printed - given)
        if lost:
            return f"{self.column} has no {lost[0]!r}; wanted: {self.says}"
        return f"{self.column} has {new[0]!r}, which is not in {self.file}" if new else None


class Idempotent(TableProperty):
    """Given its own output as `file`, the program prints the same again. It takes a second run."""

    kind: Literal["idempotent"] = "idempotent"
    file: str

    @property
    def files(self) -> tuple[str, ...]:
        """The file that the output stands in for."""
        return (self.file,)

    @property
    def says(self) -> str:
        """What must come out again."""
        return f"given its own output as {self.file}, the program prints the same again"

    def _fault(self, output: Table, inputs: Inputs) -> str | None:  # noqa: ARG002  # as every property
        """Return None: one output cannot tell; see `between`."""
        return None

    def between(self, first: Table, second: Table) -> str | None:
        """Return how the output of the second run differs from that of the first, or None."""
        if first.columns != second.columns:
            return f"{self.says}: not so, the columns become {list(second.columns)}"
        for place, (one, other) in enumerate(zip(first.rows, second.rows, strict=False), start=1):
            if dict(one) != dict(other):
                return f"{self.says}: not so, row {place} changes"
        same = len(first.rows) == len(second.rows)
        return None if same else f"{self.says}: not so, {len(first.rows)} rows become {len(second.rows)}"


def _sum(cells: Sequence[Cell]) -> Decimal:
    return sum(filter(None, map(number, cells)), Decimal(0))
