"""The tables of a journal, as numbered migrations that only go forward."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ...core.errors import JournalTooNew
from .faults import corrupt

APPLICATION_ID: Final = 0x504C424A
"""`PLBJ`, in the header of every journal, so that no other program's database is taken for one."""

MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (
    (
        """CREATE TABLE runs (
            run_id TEXT PRIMARY KEY,
            input_hash TEXT NOT NULL,
            steps TEXT NOT NULL,
            status TEXT NOT NULL,
            error TEXT,
            result TEXT,
            state TEXT,
            started_at REAL NOT NULL,
            updated_at REAL NOT NULL,
            digest TEXT NOT NULL
        ) STRICT""",
        """CREATE TABLE steps (
            run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
            path TEXT NOT NULL,
            name TEXT NOT NULL,
            input_hash TEXT NOT NULL,
            occurrence INTEGER NOT NULL,
            once INTEGER NOT NULL,
            status TEXT NOT NULL,
            result TEXT,
            state TEXT,
            error TEXT,
            at REAL NOT NULL,
            digest TEXT NOT NULL,
            PRIMARY KEY (run_id, path, name, input_hash, occurrence)
        ) STRICT""",
    ),
    # A second way to the steps of a run: damage to one of the two is found by comparing what they lead to.
    ("CREATE INDEX steps_of_run ON steps (run_id)",),
)
"""Entry n leads from version n to n + 1. Never edit one that was released: add the next."""

VERSION: Final = len(MIGRATIONS)


def check(connection: sqlite3.Connection, path: Path) -> int:
    """Return the schema version of an open file, 0 if it holds nothing yet.

    Raises:
        JournalCorrupt: it is a database of another program.
        JournalTooNew: a later version of this package wrote it.
    """
    with _one_state(connection):
        application, version = _pragma(connection, "application_id"), _pragma(connection, "user_version")
        empty = not _has_tables(connection)
    if application != APPLICATION_ID and (application or version or not empty):
        raise corrupt(path, f"it is a database of another program (application_id {application:#x})")
    if version > VERSION:
        raise JournalTooNew(
            f"the journal {str(path)!r} has schema version {version}, this package knows up to {VERSION}; "
            "upgrade tta-dev-primitives to use it"
        )
    return version


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Bring a file from `version` to the latest one, in the open transaction: completely or not at all."""
    for statements in MIGRATIONS[version:]:
        for statement in statements:
            connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


@contextmanager
def _one_state(connection: sqlite3.Connection) -> Generator[None]:
    """Let all that is read be of one moment: between two reads somebody else may make the tables."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        _end(connection)


def _end(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:  # a full disk may have ended it already
        connection.execute("ROLLBACK")


def _has_tables(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone() is not None


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
