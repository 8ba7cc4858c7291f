"""A playbook in PostgreSQL, blocking: every method is one transaction."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

import psycopg
from psycopg import Connection, errors
from psycopg_pool import PoolTimeout

from ....core.errors import ConfigurationError
from ...episode import Episode
from ...events import Recorded, union
from ...playbook import Playbook
from ..kept import Checkpoint, Head, episode_row
from ..lasting import NO_CONTENTS, Contents
from ..ledger import Ledger
from ..lock import Abandoned
from ..plan import Plan, plan, repeated
from ..protocol import Commit, Committed, StoredRecord
from ..rows import Rows
from ..verification import NOTHING, Verified, verify
from .address import Address
from .connections import Connections
from .faults import ConnectionLost, faults, unavailable
from .postgres_rows import PostgresRows

_LOST = frozenset({"08", "57"})
"""Classes of SQLSTATE that say the connection is over: connection exception, operator intervention."""
_TIMED_OUT = frozenset({"25P03", "25P04"})
"""The server ended a session that was idle in a transaction, or a transaction, for longer than it allows."""
_PAUSE_S = 0.05
"""Between attempts while the server restarts, doubled each time up to a second."""


_BEGINNING: Final = Head()


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

    def contents(self) -> Contents:
        """Return all records and episodes, as of one moment."""
        with self._reading() as rows:
            return self._ledger.contents(rows) if rows else NO_CONTENTS

    def purge(self) -> None:
        """Have the server remove old versions of rows, which may hold what was forgotten."""
        with self._reading() as rows:
            if rows is None:
                return
        with faults(self.address):
            self._connections.vacuum()

    def commit(self, commit: Commit, cancelled: threading.Event) -> Committed:
        """Store `commit`, or nothing if `cancelled` is set before it is stored."""

        def write(rows: PostgresRows, head: Head) -> _Written:
            latest = self._ledger.latest(rows, head)
            if commit.episode is not None and rows.has_episode(commit.episode.id):
                return _Written(committed=repeated(latest, commit))
            planned = plan(latest, commit, at=self._clock())
            return self._append(rows, head, planned)

        return self._to_the_end(write, cancelled)

    def begin_with(
        self, records: Sequence[Recorded], episodes: Sequence[Episode], cancelled: threading.Event
    ) -> Playbook:
        """Make the playbook of these records and episodes, which must be new, in one transaction.

        Nothing is stored if `cancelled` is set before it is stored.
        """

        def write(rows: PostgresRows, head: Head) -> _Written:
            if head.seq or rows.episodes(since=0, limit=1):
                raise ConfigurationError(f"{self.address.public!r} holds a playbook already; name another")
            planned = Plan(records=union(records), committed=Committed(playbook=Playbook.fold(records)))
            for episode in episodes:
                rows.append_episode(episode_row(episode))
            written = self._append(rows, head, planned)
            return replace(written, episode_id=episodes[-1].id if episodes else None)

        return self._to_the_end(write, cancelled).playbook

    def _append(self, rows: PostgresRows, head: Head, planned: Plan) -> _Written:
        checkpoint = self._ledger.append(rows, head, planned)
        end = Head(seq=head.seq + len(planned.records), hash=checkpoint.hash)
        rows.write_head(end)
        episode_id = planned.episode.id if planned.episode else None
        return _Written(
            committed=planned.committed, checkpoint=checkpoint, begun=head, end=end, episode_id=episode_id
        )

    def _to_the_end(self, write: _Write, cancelled: threading.Event) -> Committed:
        """Do what `write` does in a transaction.

        Where the server goes away in the middle, the transaction is asked for and, if it is not there, done
        again, for as long as a writer would wait.
        """
        attempt = _Attempt()
        deadline, pause = time.monotonic() + self._timeout_s, _PAUSE_S
        while True:
            try:
                with faults(self.address):
                    return self._try(write, cancelled, attempt)
            except ConnectionLost as lost:
                if cancelled.is_set() and attempt.written is None:
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

    def _try(self, write: _Write, cancelled: threading.Event, attempt: _Attempt) -> Committed:
        with _noticing_loss(), self._connections.writing() as (connection, rows):
            head = self._locked_head(connection, rows, cancelled)
            if attempt.written is not None and attempt.written.stored(rows):
                return attempt.written.committed  # by an earlier attempt; only the answer was lost
            attempt.written = None
            if cancelled.is_set():
                raise Abandoned
            written = write(rows, head)
            if written.checkpoint is None:
                return written.committed
            if cancelled.is_set():
                raise Abandoned
            attempt.written = written
        self._ledger.keep(written.checkpoint)
        return written.committed

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """What a transaction leads to that is not yet committed; without a `checkpoint` it stores nothing."""

    committed: Committed
    checkpoint: Checkpoint | None = None
    begun: Head = _BEGINNING
    end: Head = _BEGINNING
    episode_id: str | None = None

    def stored(self, rows: PostgresRows) -> bool:
        """Tell whether the transaction was committed, by the last of what it brought."""
        if self.end.seq > self.begun.seq:
            return rows.hash_at(self.end.seq) == self.end.hash
        return self.episode_id is not None and rows.has_episode(self.episode_id)


_Write = Callable[[PostgresRows, Head], _Written]


@dataclass(slots=True)
class _Attempt:
    """What was tried to be committed last, if anything."""

    written: _Written | None = None


@contextmanager
def _noticing_loss() -> Generator[None]:
    try:
        yield
    except (PoolTimeout, errors.QueryCanceled):
        raise
    except psycopg.Error as error:
        state = error.sqlstate or ""
        unknown = error.sqlstate is None and isinstance(error, psycopg.OperationalError)
        if unknown or state[:2] in _LOST or state in _TIMED_OUT:
            raise ConnectionLost(str(error)) from error
        raise
