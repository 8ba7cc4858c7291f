"""TableProperty: something that must be true of a table, as a value that says why it is not."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TypeAlias

from ...ace.value import Value
from .table import Table

Inputs: TypeAlias = Mapping[str, Table]
"""The files that the program was given, by name, as far as a property names them."""


class TableProperty(Value, ABC):
    """Something that must be true of the output, whatever the data."""

    @property
    def files(self) -> tuple[str, ...]:
        """The input files that it compares with."""
        return ()

    @property
    def named(self) -> tuple[str, ...]:
        """The columns of the output that it is about."""
        return ()

    @property
    @abstractmethod
    def says(self) -> str:
        """What must hold, in a phrase that a programmer may read."""

    def fault(self, output: Table, inputs: Inputs) -> str | None:
        """Return why it does not hold, in a sentence, or None if it does."""
        absent = next((name for name in self.named if name not in output.columns), None)
        if absent is not None:
            return f"there is no column {absent!r}; the columns are {list(output.columns)}"
        return self._fault(output, inputs)

    @abstractmethod
    def _fault(self, output: Table, inputs: Inputs) -> str | None:
        """Return why it does not hold in a table that has the columns named."""
