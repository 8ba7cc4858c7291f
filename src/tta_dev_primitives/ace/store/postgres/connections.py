"""Connections to the server: few, kept, and replaced when the server has restarted."""

from __future__ import annotations

import logging
import threading
from collections.abc import Generator
from contextlib import contextmanager
from time import monotonic

import psycopg
from psycopg import Connection, IsolationLevel, errors, sql
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolTimeout

from . import schema
from .address import Address
from .postgres_rows import PostgresRows

MOST = 4
"""Connections of one store: commits queue at the playbook anyway, so more would only read at once."""
_CONNECT_S = 10
_TURN_S = 1.0
_WRITING = """
    SELECT set_config('lock_timeout', %s, true), CASE current_setting('synchronous_commit')
        WHEN 'off' THEN set_config('synchronous_commit', 'on', true) END
"""
"""What is acknowledged survives a crash of the server, also where a role or the server does without."""
_FILE = """
    SELECT c.relfilenode FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = %s AND c.relname = %s
"""


class Connections:
    """A pool that is opened when first needed; the tables are checked then, and made at the first write."""

    def __init__(self, address: Address, *, timeout_s: float) -> None:
        self._address, self._timeout_s = address, timeout_s
        self._opening = threading.Lock()
        self._pool: ConnectionPool[Connection[TupleRow]] | None = None
        self._checked = False

    @contextmanager
    def reading(self) -> Generator[PostgresRows | None]:
        """Yield the rows as of one moment, or None if there are no tables yet."""
        with self._connection() as connection:
            connection.isolation_level, connection.read_only = IsolationLevel.REPEATABLE_READ, True
            with connection.transaction():
                schema.settle(connection)
                yield self._rows(connection)

    def _rows(self, connection: Connection) -> PostgresRows | None:
        if self._checked:
            schema.read_version(connection, self._address)
            return PostgresRows(connection, self._address)
        version = schema.check(connection, self._address)
        self._checked = version == schema.VERSION  # else the first write has something to do
        return PostgresRows(connection, self._address) if version else None

    @contextmanager
    def writing(self) -> Generator[tuple[Connection, PostgresRows]]:
        """Yield a connection in a transaction, and its rows; it is committed at the end of the block."""
        with self._connection() as connection:
            # A role may have another as its default, with which a writer fails that waited its turn.
            connection.isolation_level, connection.read_only = IsolationLevel.READ_COMMITTED, None
            if not self._checked:
                schema.prepare(connection, self._address)
                self._checked = True
            with connection.transaction():
                schema.settle(connection)
                connection.execute(_WRITING, (f"{int(self._timeout_s * 1000)}",))
                schema.read_version(connection, self._address)
                yield connection, PostgresRows(connection, self._address)

    def vacuum(self) -> None:
        """Remove old versions of rows from the tables that hold texts.

        Raises:
            InsufficientPrivilege: this user may not; the server itself would only warn.
        """
        with self._connection() as connection:
            for table in ("events", "episodes", "snapshots"):
                name = sql.Identifier(self._address.schema, table)
                before = self._file_of(connection, table)
                connection.execute(sql.SQL("VACUUM FULL {}").format(name))
                if before is not None and self._file_of(connection, table) == before:
                    raise errors.InsufficientPrivilege(f"only its owner may rewrite the table {table}")

    def close(self) -> None:
        """Close all connections."""
        with self._opening:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    def _file_of(self, connection: Connection, table: str) -> int | None:
        """Return the number of the file that holds `table`; rewritten, it has another."""
        row = connection.execute(_FILE, (self._address.schema, table)).fetchone()
        return None if row is None else int(row[0])

    @contextmanager
    def _connection(self) -> Generator[Connection]:
        pool = self._opened()
        connection = self._taken(pool)
        try:
            yield connection
        finally:
            pool.putconn(connection)

    def _taken(self, pool: ConnectionPool[Connection[TupleRow]]) -> Connection:
        """Wait for a connection in short turns: the pool gives up on a server that is away."""
        deadline = monotonic() + self._timeout_s
        while True:
            try:
                return pool.getconn(timeout=max(0.01, min(_TURN_S, deadline - monotonic())))
            except PoolTimeout:
                if monotonic() >= deadline:
                    raise

    def _opened(self) -> ConnectionPool[Connection[TupleRow]]:
        with self._opening:
            if self._pool is None:
                # The pool would try for its whole timeout and not say why: a wrong address shows at once.
                psycopg.connect(self._address.conninfo, connect_timeout=_CONNECT_S).close()
                # It would print every attempt to reconnect where a program has set up no logging.
                logging.getLogger("psycopg.pool").addHandler(logging.NullHandler())
                self._pool = ConnectionPool(
                    self._address.conninfo,
                    kwargs={
                        "autocommit": True,
                        "connect_timeout": _CONNECT_S,
                        "application_name": "playbox",
                        "client_encoding": "utf8",  # whatever the database's own is
                    },
                    min_size=0,
                    max_size=MOST,
                    open=False,
                    reconnect_timeout=_TURN_S,
                    check=ConnectionPool.check_connection,
                    name="playbox",
                )
                self._pool.open()
            return self._pool
