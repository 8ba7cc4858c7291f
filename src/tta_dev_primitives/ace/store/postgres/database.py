"""A playbook in PostgreSQL, blocking: every method is one transaction."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import Connection, errors
from psycopg_pool import PoolTimeout

from ....core.errors import ConfigurationError
from ...episode import Episode
from ...playbook import Playbook
from ..kept import Head
from ..ledger import Ledger
from ..lock import Abandoned
from ..plan import plan, repeated
from ..protocol import Commit, Committed, StoredRecord
from ..rows import Rows
from ..verification import NOTHING, Verified, verify
from .address import Address
from .connections import Connections
from .faults import ConnectionLost, faults, unavailable
from .postgres_rows import PostgresRows

_LOST = frozenset({"08", "57"})
"""Classes of SQLSTATE that say the connection is over: connection exception, operator intervention."""
_PAUSE_S = 0.05
"""Between attempts while the server restarts, doubled each time up to a second."""


class Database:
    """The playbook at `address`, and the version of it that was read last."""

    def __init__(
        self, address: Address, *, clock: Callable[[], int], lock_timeout_s: float, snapshot_every: int
    ) -> None:
        self.address = address
        self._clock, self._timeout_s = clock, lock_timeout_s
        self._connections = Connections(address, timeout_s=lock_timeout_s)
        self._ledger = Ledger(address.public, snapshot_every=snapshot_every)
        self._waiting: list[Connection] = []
        self._guard = threading.Lock()

    def load(self) -> Playbook:
        """Return the latest playbook."""
        with self._reading() as rows:
            return self._ledger.latest(rows, rows.head()) if rows else Playbook()

    def episodes(self, since: int, limit: int | None) -> tuple[Episode, ...]:
        """Return the latest episodes after the first `since`, oldest first."""
        with self._reading() as rows:
            return self._ledger.episodes(rows, since, limit) if rows else ()

    def history(self, since: int) -> tuple[StoredRecord, ...]:
        """Return the records after version `since`."""
        with self._reading() as rows:
            return self._ledger.history(rows, since) if rows else ()

    def at_version(self, version: int) -> Playbook:
        """Return the playbook as it was at `version`."""
        with self._reading() as rows:
            if rows is not None:
                return self._ledger.at_version(rows, rows.head(), version)
            if version == 0:
                return Playbook()
            raise ConfigurationError(f"there is no version {version}; nothing has been stored yet")

    def verify(self) -> Verified:
        """Return what is found in all rows."""
        with self._reading() as rows:
            return verify(rows) if rows else NOTHING

    def purge(self) -> None:
        """Have the server remove old versions of rows, which may hold what was forgotten."""
        with faults(self.address):
            self._connections.vacuum()

    def commit(self, commit: Commit, cancelled: threading.Event) -> Committed:
        """Store `commit`, or nothing if `cancelled` is set before it is stored.

        Where the server goes away in the middle, the transaction is asked for and, if it is not there, done
        again, for as long as a writer would wait.
        """
        attempt = _Attempt(committed=Committed(playbook=Playbook()))
        deadline, pause = time.monotonic() + self._timeout_s, _PAUSE_S
        while True:
            try:
                with faults(self.address):
                    return self._try(commit, cancelled, attempt)
            except ConnectionLost as lost:
                if cancelled.is_set() and attempt.end is None:
                    raise Abandoned from lost
                if time.monotonic() > deadline:
                    raise unavailable(self.address, str(lost)) from lost
                time.sleep(pause)
                pause = min(1.0, 2 * pause)

    def interrupt(self) -> None:
        """End the wait for the writers' lock, if one is going on."""
        with self._guard:
            for connection in self._waiting:
                connection.cancel_safe(timeout=2.0)

    def close(self) -> None:
        """Close all connections."""
        self._connections.close()

    def _try(self, commit: Commit, cancelled: threading.Event, attempt: _Attempt) -> Committed:
        with _noticing_loss(), self._connections.writing() as (connection, rows):
            head = self._locked_head(connection, rows, cancelled)
            if attempt.end is not None and rows.hash_at(attempt.end.seq) == attempt.end.hash:
                return attempt.committed  # an earlier attempt had been stored, only the answer was lost
            attempt.end = None
            if cancelled.is_set():
                raise Abandoned
            latest = self._ledger.latest(rows, head)
            if commit.episode is not None and rows.has_episode(commit.episode.id):
                return repeated(latest, commit)
            planned = plan(latest, commit, at=self._clock())
            checkpoint = self._ledger.append(rows, head, planned)
            end = Head(seq=head.seq + len(planned.records), hash=checkpoint.hash)
            rows.write_head(end)
            if cancelled.is_set():
                raise Abandoned
            attempt.end, attempt.committed = end, planned.committed
        self._ledger.keep(checkpoint)
        return planned.committed

    def _locked_head(self, connection: Connection, rows: PostgresRows, cancelled: threading.Event) -> Head:
        """Wait for the other writers, unless the caller gives up meanwhile."""
        with self._guard:
            self._waiting.append(connection)
        try:
            return rows.locked_head()
        except errors.QueryCanceled as error:
            if cancelled.is_set():
                raise Abandoned from error
            raise
        finally:
            with self._guard:
                self._waiting.remove(connection)

    @contextmanager
    def _reading(self) -> Generator[Rows | None]:
        with faults(self.address), self._connections.reading() as rows:
            yield rows


@dataclass(slots=True)
class _Attempt:
    """Where the chain ends if the transaction that was tried has been stored."""

    committed: Committed
    end: Head | None = None


@contextmanager
def _noticing_loss() -> Generator[None]:
    try:
        yield
    except PoolTimeout:
        raise
    except psycopg.OperationalError as error:
        if error.sqlstate is None or (
            error.sqlstate[:2] in _LOST and not isinstance(error, errors.QueryCanceled)
        ):
            raise ConnectionLost(str(error)) from error
        raise
