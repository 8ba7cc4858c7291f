"""What is wrong with a row of a playbook."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """One row that is not as it was written; `row` counts from 1, and is None for the file as a whole."""

    table: str
    row: int | None
    problem: str

    def __str__(self) -> str:
        place = self.table if self.row is None else f"{self.table}, row {self.row}"
        return f"{place}: {self.problem}"
