"""Opening an SQLite file, for one operation at a time: nothing stays open that could leak or go stale."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from weakref import WeakSet

from . import schema
from .faults import corrupt, read_only
from .log_damage import refuse_damaged_log

_BUSY_MS = 10_000  # readers wait only for a checkpoint or a recovery, never for a commit


@contextmanager
def reading(path: Path) -> Generator[sqlite3.Connection]:
    """Open an existing file to read one consistent state of it."""
    refuse_damaged_log(path)
    with closing(_connect(path, "mode=rw")) as connection:
        if _readable(connection):
            connection.execute("BEGIN")
            yield connection
            return
    require_no_log(path)
    with closing(_connect(path, "immutable=1")) as connection:
        connection.execute("BEGIN")
        yield connection


@contextmanager
def writing(path: Path) -> Generator[sqlite3.Connection]:
    """Open `path`, made if there is none, in a write transaction that the caller must commit.

    The caller holds the writers' lock.
    """
    refuse_damaged_log(path, attended=True)
    with closing(_connect(path, "mode=rwc")) as connection:
        schema.check(connection, path)  # before anything is written to what may be another program's
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        yield connection


def rewrite(path: Path) -> None:
    """Rewrite `path` without free pages and empty its log. The caller holds the writers' lock.

    Raises:
        sqlite3.OperationalError: a reader has held the log for longer than a moment.
    """
    with closing(_connect(path, "mode=rw")) as connection:
        if not schema.check(connection, path):
            return
        connection.execute("PRAGMA secure_delete = ON").fetchone()
        connection.execute("VACUUM")
        (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise sqlite3.OperationalError("a reader holds the log, so old texts may still be in it")


def refuse_garbage(path: Path) -> None:
    """Find a file that is too short for SQLite to notice that it is not one: a byte counts as nothing there.

    The file is not opened. To close it would drop the locks that SQLite holds on it for other connections of
    this process (https://www.sqlite.org/howtocorrupt.html, section 2.2).

    Raises:
        PlaybookCorrupt: it is one byte long.
    """
    if path.stat().st_size == 1:
        raise corrupt(path, "it is not an SQLite file")


class _Connection(sqlite3.Connection):
    """Ends all reading when it is closed.

    SQLite keeps a closed connection with its locks for as long as something is read from it, and a cursor
    lives as long as an error in whose traceback it is.
    """

    cursors: WeakSet[sqlite3.Cursor]

    def execute(self, sql: str, parameters: Sequence[object] = (), /) -> sqlite3.Cursor:  # type: ignore[override]  # tuples only
        cursor = super().execute(sql, parameters)
        self.cursors.add(cursor)
        return cursor

    def close(self) -> None:
        for cursor in tuple(self.cursors):
            cursor.close()
        super().close()


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?{mode}"
    connection = sqlite3.connect(
        uri, uri=True, timeout=_BUSY_MS / 1000, isolation_level=None, factory=_Connection
    )
    connection.cursors = WeakSet()
    # A damaged byte shall be found by the hash of its record, not by the decoder.
    connection.text_factory = _text
    return connection


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _readable(connection: sqlite3.Connection) -> bool:
    """False where a reader would have to make the shared-memory file of the log, but cannot."""
    try:
        connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}:
            return False
        raise
    return True


def require_no_log(path: Path) -> None:
    """Refuse to read a file without its log, as `immutable` does, if there is something in the log."""
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        raise read_only(path)
