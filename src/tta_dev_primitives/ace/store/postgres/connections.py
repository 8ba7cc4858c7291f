"""Connections to the server: few, kept, and replaced when the server has restarted."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from time import monotonic

import psycopg
from psycopg import Connection, sql
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolTimeout

from . import schema
from .address import Address
from .postgres_rows import PostgresRows

MOST = 4
"""Connections of one store: commits queue at the playbook anyway, so more would only read at once."""
_CONNECT_S = 10
_TURN_S = 1.0


class Connections:
    """A pool that is opened when first needed; the tables are made at the first write."""

    def __init__(self, address: Address, *, timeout_s: float) -> None:
        self._address, self._timeout_s = address, timeout_s
        self._opening = threading.Lock()
        self._pool: ConnectionPool[Connection[TupleRow]] | None = None
        self._prepared = False

    @contextmanager
    def reading(self) -> Generator[PostgresRows | None]:
        """Yield the rows as of one moment, or None if there are no tables yet."""
        with self._connection() as connection, connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            if not schema.check_version(connection, self._address):
                yield None
                return
            schema.use(connection, self._address.schema)
            yield PostgresRows(connection, self._address.playbook)

    @contextmanager
    def writing(self) -> Generator[tuple[Connection, PostgresRows]]:
        """Yield a connection in a transaction, and its rows; it is committed at the end of the block."""
        with self._connection() as connection:
            if not self._prepared:
                schema.prepare(connection, self._address)
                self._prepared = True
            with connection.transaction():
                schema.use(connection, self._address.schema)
                wait_ms = str(int(self._timeout_s * 1000))
                connection.execute("SELECT set_config('lock_timeout', %s, true)", (wait_ms,))
                yield connection, PostgresRows(connection, self._address.playbook)

    def vacuum(self) -> None:
        """Remove old versions of rows from the tables that hold texts."""
        with self._connection() as connection:
            for table in ("events", "episodes", "snapshots"):
                name = sql.Identifier(self._address.schema, table)
                connection.execute(sql.SQL("VACUUM FULL {}").format(name))

    def close(self) -> None:
        """Close all connections."""
        with self._opening:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

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
                self._pool = ConnectionPool(
                    self._address.conninfo,
                    kwargs={"autocommit": True, "connect_timeout": _CONNECT_S, "application_name": "playbox"},
                    min_size=0,
                    max_size=MOST,
                    open=False,
                    reconnect_timeout=_TURN_S,
                    check=ConnectionPool.check_connection,
                    name="playbox",
                )
                self._pool.open()
            return self._pool
