"""The tables of playbooks in PostgreSQL, as numbered migrations that only go forward."""

from __future__ import annotations

from typing import Final, LiteralString

from psycopg import Connection, sql

from ....core.errors import PlaybookTooNew
from . import shape
from .address import Address

MIGRATIONS: Final[tuple[tuple[LiteralString, ...], ...]] = (
    (
        """CREATE TABLE {}.events (
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
        """CREATE TABLE {}.episodes (
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
        """CREATE TABLE {}.snapshots (
            playbook TEXT NOT NULL,
            seq BIGINT NOT NULL,
            hash TEXT NOT NULL,
            payload TEXT NOT NULL,
            digest TEXT NOT NULL,
            PRIMARY KEY (playbook, seq)
        )""",
        """CREATE TABLE {}.head (
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
        PlaybookCorrupt: what is there was not made by this package.
        PlaybookTooNew: a later version of this package made them.
    """
    with connection.transaction():
        settle(connection)
        if check(connection, address) == VERSION:
            return
    with connection.transaction():
        settle(connection)
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        version = check(connection, address)  # another may have made them meanwhile
        if version < VERSION:
            _migrate(connection, address.schema, version)


def check(connection: Connection, address: Address) -> int:
    """Return the version of the tables, 0 if there are none; `settle` was called in this transaction.

    Raises:
        PlaybookCorrupt: what is there was not made by this package.
        PlaybookTooNew: a later version of this package made them.
    """
    if not shape.present(connection, address.schema):
        return 0
    shape.check(connection, address, "version")
    version = read_version(connection, address)
    if version == VERSION:
        shape.check(connection, address, *shape.TABLES)
    return version


def read_version(connection: Connection, address: Address) -> int:
    """Return the version of tables that are there.

    Raises:
        PlaybookTooNew: a later version of this package made them.
    """
    query = sql.SQL("SELECT max(number) FROM {}.version").format(sql.Identifier(address.schema))
    row = connection.execute(query).fetchone()
    version = 0 if row is None or row[0] is None else int(row[0])
    if version > VERSION:
        raise PlaybookTooNew(
            f"the playbook {address.public!r} has schema version {version}, this package knows up to "
            f"{VERSION}; upgrade tta-dev-primitives to read it"
        )
    return version


def settle(connection: Connection) -> None:
    """Let names in this transaction mean PostgreSQL's own: nobody else's function or operator is called."""
    connection.execute("SET LOCAL search_path TO pg_catalog, pg_temp")


def _migrate(connection: Connection, schema: str, version: int) -> None:
    name = sql.Identifier(schema)
    found = connection.execute("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = %s", (schema,))
    if found.fetchone() is None:  # IF NOT EXISTS asks for the right to make one also where it is there
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(name))
    made = "CREATE TABLE IF NOT EXISTS {}.version (number INTEGER PRIMARY KEY)"
    connection.execute(sql.SQL(made).format(name))
    for number, statements in enumerate(MIGRATIONS[version:], version + 1):
        for statement in statements:
            connection.execute(sql.SQL(statement).format(name))
        connection.execute(sql.SQL("INSERT INTO {}.version VALUES (%s)").format(name), (number,))
