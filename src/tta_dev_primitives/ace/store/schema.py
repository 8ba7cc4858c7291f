"""The tables of an SQLite playbook, as numbered migrations that only go forward."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from ...core.errors import PlaybookTooNew
from .faults import corrupt

APPLICATION_ID = 0x504C4258
"""`PLBX`, in the header of every playbook, so that no other program's database is taken for one."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE events (
            seq INTEGER PRIMARY KEY,
            event_id TEXT NOT NULL UNIQUE,
            at INTEGER NOT NULL,
            run_id TEXT NOT NULL,
            actor TEXT NOT NULL,
            payload TEXT NOT NULL,
            prev_hash TEXT NOT NULL,
            hash TEXT NOT NULL
        ) STRICT""",
        """CREATE TABLE episodes (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            run_id TEXT NOT NULL,
            task_id TEXT NOT NULL,
            playbook_version INTEGER NOT NULL,
            payload TEXT NOT NULL,
            digest TEXT NOT NULL
        ) STRICT""",
        """CREATE TABLE snapshots (
            seq INTEGER PRIMARY KEY,
            hash TEXT NOT NULL,
            payload TEXT NOT NULL,
            digest TEXT NOT NULL
        ) STRICT""",
        """CREATE TABLE head (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            seq INTEGER NOT NULL,
            hash TEXT NOT NULL,
            view_digest TEXT NOT NULL
        ) STRICT""",
    ),
    (
        """CREATE TABLE base (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            seq INTEGER NOT NULL,
            hash TEXT NOT NULL,
            anchor INTEGER NOT NULL,
            payload TEXT NOT NULL
        ) STRICT""",
        """CREATE TABLE archives (
            first INTEGER PRIMARY KEY,
            last INTEGER NOT NULL,
            place TEXT NOT NULL
        ) STRICT""",
    ),
)
"""Entry n leads from version n to n + 1. Never edit one that was released: add the next."""

VERSION = len(MIGRATIONS)
_TABLES = (frozenset({"events", "episodes", "snapshots", "head"}), frozenset({"base", "archives"}))
"""Those that each version brought."""


def check(connection: sqlite3.Connection, path: Path) -> int:
    """Return the schema version of an open file, 0 if it holds nothing yet.

    Raises:
        PlaybookCorrupt: it is a database of another program, or not as this package makes it.
        PlaybookTooNew: a later version of this package wrote it.
    """
    application, version = _pragma(connection, "application_id"), _pragma(connection, "user_version")
    if application != APPLICATION_ID and (application or version or _has_tables(connection)):
        raise corrupt(path, f"it is a database of another program (application_id {application:#x})")
    if version > VERSION:
        raise PlaybookTooNew(
            f"the playbook {str(path)!r} has schema version {version}, this package knows up to {VERSION}; "
            "upgrade tta-dev-primitives to read it"
        )
    if version:
        _check_made_here(connection, path, version)
    return version


def _check_made_here(connection: sqlite3.Connection, path: Path, version: int) -> None:
    """Refuse what a prepared file could have: a trigger undoes what is written, a view need not end."""
    query = (
        "SELECT CASE WHEN sql LIKE 'CREATE VIRTUAL%' THEN 'virtual table' ELSE type END, name"
        " FROM sqlite_schema WHERE type <> 'index'"
    )
    found = connection.execute(query).fetchall()
    strange = next(((kind, name) for kind, name in found if kind != "table"), None)
    if strange is not None:
        raise corrupt(path, f"it has the {strange[0]} {strange[1]!r}, and a playbook has none")
    lost = sorted(frozenset[str]().union(*_TABLES[:version]) - {name for _, name in found})
    if lost:
        raise corrupt(path, f"it has no table {lost[0]}")


def migrate(
    connection: sqlite3.Connection,
    version: int,
    migrations: tuple[tuple[str, ...], ...] = MIGRATIONS,
) -> None:
    """Bring a file from `version` to the latest one, in the open transaction: completely or not at all."""
    for statements in migrations[version:]:
        for statement in statements:
            connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {len(migrations)}")


def _has_tables(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone() is not None


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
