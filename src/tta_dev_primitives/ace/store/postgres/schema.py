"""The tables of playbooks in PostgreSQL, as numbered migrations that only go forward."""

from __future__ import annotations

from typing import Final, LiteralString

from psycopg import Connection, sql

from ....core.errors import PlaybookTooNew
from .address import Address

MIGRATIONS: Final[tuple[tuple[LiteralString, ...], ...]] = (
    (
        """CREATE TABLE events (
            playbook TEXT NOT NULL,
            seq BIGINT NOT NULL,
            event_id TEXT NOT NULL,
            at BIGINT NOT NULL,
            run_id TEXT NOT NULL,
            actor TEXT NOT NULL,
            payload TEXT NOT NULL,
            prev_hash TEXT NOT NULL,
            hash TEXT NOT NULL,
            PRIMARY KEY (playbook, seq),
            UNIQUE (playbook, event_id)
        )""",
        """CREATE TABLE episodes (
            playbook TEXT NOT NULL,
            seq BIGINT NOT NULL,
            id TEXT NOT NULL,
            run_id TEXT NOT NULL,
            task_id TEXT NOT NULL,
            playbook_version BIGINT NOT NULL,
            payload TEXT NOT NULL,
            digest TEXT NOT NULL,
            PRIMARY KEY (playbook, seq),
            UNIQUE (playbook, id)
        )""",
        """CREATE TABLE snapshots (
            playbook TEXT NOT NULL,
            seq BIGINT NOT NULL,
            hash TEXT NOT NULL,
            payload TEXT NOT NULL,
            digest TEXT NOT NULL,
            PRIMARY KEY (playbook, seq)
        )""",
        """CREATE TABLE head (
            playbook TEXT PRIMARY KEY,
            seq BIGINT NOT NULL,
            hash TEXT NOT NULL
        )""",
    ),
)
"""Entry n leads from version n to n + 1. Never edit one that was released: add the next."""

VERSION: Final = len(MIGRATIONS)
_LOCK: Final = 0x504C4258
"""The advisory lock of whoever makes the tables: `PLBX`, as in an SQLite playbook's header."""


def prepare(connection: Connection, address: Address) -> None:
    """Make the tables, or bring them to the latest version, in one transaction.

    Raises:
        PlaybookTooNew: a later version of this package made them.
    """
    if check_version(connection, address) == VERSION:
        return
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        version = check_version(connection, address)  # another may have made them meanwhile
        if version < VERSION:
            _migrate(connection, address.schema, version)


def check_version(connection: Connection, address: Address) -> int:
    """Return the version of the tables, 0 if there are none.

    Raises:
        PlaybookTooNew: a later version of this package made them.
    """
    # Not to_regclass: in a transaction that waited for another, it may still answer from before the wait.
    exists = connection.execute(
        "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = %s AND tablename = 'version'",
        (address.schema,),
    )
    if exists.fetchone() is None:
        return 0
    query = sql.SQL("SELECT max(number) FROM {}").format(sql.Identifier(address.schema, "version"))
    row = connection.execute(query).fetchone()
    version = 0 if row is None or row[0] is None else int(row[0])
    if version > VERSION:
        raise PlaybookTooNew(
            f"the playbook {address.public!r} has schema version {version}, this package knows up to "
            f"{VERSION}; upgrade tta-dev-primitives to read it"
        )
    return version


def _migrate(connection: Connection, schema: str, version: int) -> None:
    connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
    use(connection, schema)
    connection.execute("CREATE TABLE IF NOT EXISTS version (number INTEGER PRIMARY KEY)")
    for number, statements in enumerate(MIGRATIONS[version:], version + 1):
        for statement in statements:
            connection.execute(statement)
        connection.execute("INSERT INTO version VALUES (%s)", (number,))


def use(connection: Connection, schema: str) -> None:
    """Let the names of tables mean those of `schema`, in the open transaction."""
    connection.execute(sql.SQL("SET LOCAL search_path TO {}").format(sql.Identifier(schema)))
