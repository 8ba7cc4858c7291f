"""The journal's SQLite file, blocking: opening it, and transactions that are on the disk when they return."""

from __future__ import annotations

import os
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

from . import schema
from .faults import corrupt

T = TypeVar("T")

_SMALLEST: Final = 512  # bytes of a page of SQLite, at least
_POLL_S: Final = 0.001  # a commit takes some milliseconds, most of them in fsync


def open_database(path: Path, busy_s: float) -> sqlite3.Connection:
    """Return a connection to the journal at `path`, which is made if there is none.

    Another writer is waited for up to `busy_s` seconds.
    """
    _make(path)
    _refuse_garbage(path)
    connection = _connect(path)
    try:
        _prepare(connection, path, busy_s)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def opened(path: Path, busy_s: float) -> Generator[sqlite3.Connection | None]:
    """Yield a connection to an existing journal for a while, or None if there is none."""
    if not path.exists():
        yield None
        return
    with closing(open_database(path, busy_s)) as connection:
        yield connection


def write(connection: sqlite3.Connection, busy_s: float, job: Callable[[sqlite3.Connection], T]) -> T:
    """Do `job` in a transaction of its own: all of it is on the disk when this returns, or nothing."""
    _patiently(lambda: connection.execute("BEGIN IMMEDIATE"), busy_s)
    try:
        done = job(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk may have ended it already
            connection.execute("ROLLBACK")
        raise
    return done


# Nothing here may open the journal but SQLite: whoever closes another descriptor of a file takes
# away the locks that SQLite holds on it for all connections of the process.


def _make(path: Path) -> None:
    """Make an empty file that its owner alone can read, if there is none."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, new = tempfile.mkstemp(prefix=f"{path.name}-", dir=path.parent)
    os.close(descriptor)
    try:
        with suppress(FileExistsError):  # somebody else was quicker
            os.link(new, path)
    finally:
        Path(new).unlink()


def _refuse_garbage(path: Path) -> None:
    """Find a file that is too short for SQLite to notice that it is not one."""
    if 0 < path.stat().st_size < _SMALLEST:
        raise corrupt(path, "it is not an SQLite file")


def _connect(path: Path) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(uri, uri=True, timeout=0, isolation_level=None)
    connection.text_factory = _text
    return connection


def _text(raw: bytes) -> str:
    """A damaged byte shall be found by the digest of its row, not by the decoder."""
    return raw.decode("utf-8", "replace")


def _prepare(connection: sqlite3.Connection, path: Path, busy_s: float) -> None:
    version = _patiently(lambda: schema.check(connection, path), busy_s)  # before anything is written
    _patiently(lambda: connection.execute("PRAGMA journal_mode = WAL").fetchone(), busy_s)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON").fetchone()  # what is forgotten stays in no free page
    if version < schema.VERSION:
        write(connection, busy_s, lambda within: schema.migrate(within, schema.check(within, path)))


def _patiently(action: Callable[[], T], busy_s: float) -> T:
    """Do `action` again while another writer is at the file.

    SQLite's own waiting gets longer with every try, so that one who has waited loses to one who comes.
    """
    deadline = time.monotonic() + busy_s
    while True:
        try:
            return action()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(_POLL_S * random.uniform(0.5, 1.5))  # noqa: S311  # spreads the polls, guards nothing
