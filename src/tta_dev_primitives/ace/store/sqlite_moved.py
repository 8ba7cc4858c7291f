"""What an SQLite playbook keeps of events that were moved to archives."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .base import ArchiveRow, BaseRow, beside
from .sqlite_values import as_number, as_text


@dataclass(frozen=True, slots=True)
class SqliteMoved:
    """Implements `MovedRows` on an open transaction of `connection`."""

    connection: sqlite3.Connection
    base: BaseRow

    @classmethod
    def of(cls, connection: sqlite3.Connection) -> SqliteMoved | None:
        """Return what was moved, None if nothing was; a file of version 1 has no tables for it."""
        if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'base'").fetchone() is None:
            return None
        row = connection.execute("SELECT seq, hash, anchor FROM base").fetchone()
        if row is None:
            return None
        return cls(connection, BaseRow(as_number(row[0]), as_text(row[1]), as_number(row[2])))

    def payload(self) -> str:
        """Return the playbook that stands for the events."""
        return as_text(self.connection.execute("SELECT payload FROM base").fetchone()[0])

    def rewrite(self, payload: str) -> None:
        """Put `payload` in its place."""
        self.connection.execute("UPDATE base SET payload = ?", (payload,))

    def archives(self) -> Sequence[ArchiveRow]:
        """Return where the events are, oldest first; a place that is not named is beside the file."""
        found = self.connection.execute("SELECT first, last, place FROM archives ORDER BY first").fetchall()
        rows = (ArchiveRow(as_number(first), as_number(last), as_text(place)) for first, last, place in found)
        return [row if row.place else row._replace(place=self._beside(row.last)) for row in rows]

    def _beside(self, last: int) -> str:
        return str(archive_beside(self.connection, last))


def archive_beside(connection: sqlite3.Connection, last: int) -> Path:
    """Return where the archive of the events up to `last` is if nobody named another place."""
    (_, _, name), *_ = connection.execute("PRAGMA database_list").fetchall()
    return beside(Path(name), last)
