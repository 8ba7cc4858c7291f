"""A wreck: all rows that can still be read from a damaged SQLite file, which is never opened itself."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeVar

from ...core.errors import StoreError
from . import schema
from .archive import all_beside, read_archive
from .kept import EventRow, Head, SnapshotRow
from .log_damage import log_damage
from .sqlite_rows import COLUMNS, event_row
from .sqlite_values import as_number, as_text

_LAST: Final = 1 << 40
"""More records than any playbook has: a head that says so is damaged."""
_LEAST_ROW_BYTES: Final = 64
"""Three hashes alone are 192 bytes in a row of events."""
_MOST_FAILURES: Final = 100_000
"""Reads in vain before the rest of a table is given up: some seconds."""
_SIZE_AT: Final = slice(28, 32)
"""Where the header has the number of pages. Source: https://www.sqlite.org/fileformat.html, section 1.3."""
_UNREADABLE: Final = (sqlite3.Error, UnicodeDecodeError)
"""The latter of a message of SQLite that quotes the damage."""

Episode = tuple[int, str, str]
Row = TypeVar("Row", EventRow, SnapshotRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wreck:
    """What was read, by its number; `head` is None if the end of the chain is not known.

    `complete` says that the table of events could be read to its end, whatever of it is missing. `log` is
    what is damaged in the log beside the file, if anything: what was committed after that is not in the rows.
    """

    head: Head | None
    complete: bool
    log: str | None = None
    archives: tuple[str, ...] = ()
    events: tuple[EventRow, ...]
    episodes: tuple[Episode, ...]


def read_wreck(path: Path) -> Wreck:
    """Return all that can be read of the file at `path`, of the log beside it, and of its archives."""
    found = _read_copy(path)
    archives = dict.fromkeys((*all_beside(path), *map(Path, filter(None, found.archives))))
    moved = {row.event_id: row for archive in archives for row in _archived(archive)}
    events = tuple(row if row.payload else moved.get(row.event_id, row) for row in found.events)
    return replace(found, events=events)


def _archived(archive: Path) -> Iterator[EventRow]:
    """Yield what an archive has, as far as it can be read; the chain tells whether it is the right one."""
    with suppress(StoreError):
        yield from read_archive(archive)


def _read_copy(path: Path) -> Wreck:
    """Return all that can be read of the file and its log.

    A copy is read: the damaged file is not changed, as SQLite would in recovering its log. Where its first
    page is what is damaged, that of a new playbook takes its place.
    """
    with TemporaryDirectory(prefix="playbox-salvage-") as folder:
        copy = Path(folder) / "copy.db"
        for suffix in ("", "-wal"):
            with suppress(FileNotFoundError):
                shutil.copyfile(path.with_name(path.name + suffix), copy.with_name(copy.name + suffix))
        log = copy.with_name(f"{copy.name}-wal")
        damage = log_damage(log.read_bytes()) if log.exists() else None
        found = replace(_read(copy), log=damage)
        if found.events or found.episodes:
            return found
        _replace_first_page(copy)
        return replace(_read(copy), log=damage)


def _read(copy: Path) -> Wreck:
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        connection.text_factory = _decoded
        with suppress(*_UNREADABLE):
            connection.execute("PRAGMA writable_schema = ON")  # else a file that is too short is not read
        heads = _Reader(connection, "SELECT one, seq, hash FROM head WHERE one BETWEEN ? AND ?", 1)
        head = next((Head(seq=as_number(row[1]), hash=as_text(row[2])) for row in heads.rows()), None)
        last = _highest(connection, head, copy.stat().st_size)
        events = _Reader(connection, _QUERY.format(COLUMNS, "events"), last)
        episodes = _Reader(connection, _QUERY.format("seq, payload, digest", "episodes"), last)
        archives = _Reader(connection, "SELECT first, place FROM archives WHERE first BETWEEN ? AND ?", last)
        return Wreck(
            head=head if head is None or head.seq < _LAST else None,
            events=_by_number(map(event_row, events.rows())),
            episodes=tuple((as_number(row[0]), as_text(row[1]), as_text(row[2])) for row in episodes.rows()),
            complete=not events.failed,
            archives=tuple(as_text(row[1]) for row in archives.rows()),
        )


_QUERY: Final = "SELECT {} FROM {} WHERE seq BETWEEN ? AND ? ORDER BY seq"


@dataclass(slots=True)
class _Reader:
    """Reads a table by ranges of its numbers; `failed` says that some could not be read."""

    connection: sqlite3.Connection
    query: str
    last: int
    failed: bool = False
    left: int = _MOST_FAILURES

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Yield the rows in order; where one fails, halve what is left until only that is left out."""
        ranges = [(1, self.last)]
        while ranges:
            first, last = ranges.pop()
            try:
                for row in self.connection.execute(self.query, (first, last)):
                    yield row
                    first = max(first, as_number(row[0]) + 1)
            except _UNREADABLE as error:
                self.failed = True
                self.left -= 1
                if first < last and self.left > 0 and _is_damage(error):
                    middle = (first + last) // 2
                    ranges += [(middle + 1, last), (first, middle)]


def _is_damage(error: sqlite3.Error | UnicodeDecodeError) -> bool:
    """Tell whether other rows may be readable; not where there is no such table, or no database at all."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    return code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_IOERR}


def _highest(connection: sqlite3.Connection, head: Head | None, size: int) -> int:
    """Return a number that no row is above: what is said of that, or as many as fit into the file."""
    likely = size // _LEAST_ROW_BYTES
    with suppress(*_UNREADABLE):
        likely = max(likely, as_number(connection.execute("SELECT max(seq) FROM events").fetchone()[0]))
    return max(likely, head.seq if head is not None and head.seq < _LAST else 0)


def _by_number(rows: Iterator[Row]) -> tuple[Row, ...]:
    return tuple({row.seq: row for row in rows}.values())


def _replace_first_page(copy: Path) -> None:
    """Give the copy the first page of a new playbook, with the number of pages that it has."""
    fresh = copy.with_name("fresh.db")
    with closing(sqlite3.connect(fresh, isolation_level=None)) as connection:
        schema.migrate(connection, 0)
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    page = bytearray(fresh.read_bytes()[:size])
    page[_SIZE_AT] = (copy.stat().st_size // size).to_bytes(4, "big")
    with copy.open("r+b") as file:
        file.write(page)


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
