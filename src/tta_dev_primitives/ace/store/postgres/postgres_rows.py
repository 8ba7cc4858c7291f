"""The rows of one playbook in PostgreSQL: every statement names its key."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, LiteralString

from psycopg import Connection, Cursor, sql
from psycopg.rows import TupleRow

from ..chain import GENESIS
from ..kept import EpisodeRow, EventRow, Head, SnapshotRow
from .address import Address


class PostgresRows:
    """Implements `Rows` for the playbook at `address`, on an open transaction of `connection`."""

    def __init__(self, connection: Connection, address: Address) -> None:
        self._connection, self._playbook = connection, address.playbook
        self._schema = sql.Identifier(address.schema)
        self._turn = _number(f"{address.schema}\n{address.playbook}")

    def head(self) -> Head:
        """Return the end of the chain."""
        return self._head(self._run(_HEAD, self._playbook))

    def locked_head(self) -> Head:
        """Return the end of the chain, and let no other writer have it before this transaction ends.

        None works in vain, and none starves: advisory locks go to who came first, while the lock of a row
        goes to whoever asks at the right moment, mostly to who had it last. Measured in
        benchmarks/endurance/fairness.py.
        """
        self._connection.execute("SELECT pg_advisory_xact_lock(%s)", (self._turn,))
        found = self._run(f"{_HEAD} FOR UPDATE", self._playbook)
        if found.rowcount == 0:
            self._run(
                "INSERT INTO {}.head VALUES (%s, 0, %s) ON CONFLICT DO NOTHING", self._playbook, GENESIS
            )
            found = self._run(f"{_HEAD} FOR UPDATE", self._playbook)
        return self._head(found)

    def write_head(self, head: Head) -> None:
        """Replace the end of the chain."""
        self._run(
            "UPDATE {}.head SET seq = %s, hash = %s WHERE playbook = %s", head.seq, head.hash, self._playbook
        )

    def hash_at(self, seq: int) -> str | None:
        """Return the hash of the chain at `seq`, or None if there is no such record."""
        if seq == 0:
            return GENESIS
        row = self._run(
            "SELECT hash FROM {0}.events WHERE playbook = %s AND seq = %s", self._playbook, seq
        ).fetchone()
        return None if row is None else str(row[0])

    def append_events(self, rows: Iterable[EventRow]) -> None:
        """Add events, in one batch."""
        with self._connection.cursor() as cursor:
            cursor.executemany(
                sql.SQL("INSERT INTO {}.events VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)").format(
                    self._schema
                ),
                [(self._playbook, *row) for row in rows],
            )

    def events(self, *, since: int, until: int) -> Iterator[EventRow]:
        """Return the events after `since` up to `until`, oldest first."""
        found = self._run(
            "SELECT seq, event_id, at, run_id, actor, payload, prev_hash, hash FROM {0}.events"
            " WHERE playbook = %s AND seq > %s AND seq <= %s ORDER BY seq",
            self._playbook,
            since,
            until,
        )
        return map(EventRow._make, found)

    def events_with(self, text: str) -> Sequence[EventRow]:
        """Return the events whose payload has `text` in it."""
        found = self._run(
            "SELECT seq, event_id, at, run_id, actor, payload, prev_hash, hash FROM {0}.events"
            " WHERE playbook = %s AND strpos(payload, %s) > 0 ORDER BY seq",
            self._playbook,
            text,
        )
        return [EventRow._make(row) for row in found]

    def rewrite_event(self, seq: int, event_id: str, payload: str) -> None:
        """Put `event_id` and `payload` in the place of those of event `seq`."""
        self._run(
            "UPDATE {0}.events SET event_id = %s, payload = %s WHERE playbook = %s AND seq = %s",
            event_id,
            payload,
            self._playbook,
            seq,
        )

    def moved(self) -> None:
        """Return None: what is on a server is not compacted."""

    def drop_snapshots(self) -> None:
        """Remove all snapshots."""
        self._run("DELETE FROM {0}.snapshots WHERE playbook = %s", self._playbook)

    def has_episode(self, episode_id: str) -> bool:
        """Return whether an episode is stored."""
        found = self._run(
            "SELECT 1 FROM {0}.episodes WHERE playbook = %s AND id = %s", self._playbook, episode_id
        )
        return found.fetchone() is not None

    def append_episode(self, row: EpisodeRow) -> None:
        """Add an episode."""
        self._run(
            "INSERT INTO {0}.episodes SELECT %s, 1 + coalesce(max(seq), 0), %s, %s, %s, %s, %s, %s"
            " FROM {0}.episodes WHERE playbook = %s",
            self._playbook,
            *row,
            self._playbook,
        )

    def episodes(self, *, since: int, limit: int | None) -> Sequence[tuple[int, str, str]]:
        """Return place, payload and digest of the latest `limit` after `since`, newest first."""
        found = self._run(
            "SELECT seq, payload, digest FROM {0}.episodes WHERE playbook = %s AND seq > %s"
            " ORDER BY seq DESC LIMIT %s",
            self._playbook,
            since,
            limit,
        )
        return [(int(seq), str(payload), str(digest)) for seq, payload, digest in found]

    def last_snapshot(self) -> int:
        """Return the version of the latest snapshot, 0 if there is none."""
        row = self._run("SELECT max(seq) FROM {0}.snapshots WHERE playbook = %s", self._playbook).fetchone()
        return int(row[0]) if row and row[0] else 0

    def snapshots(self, *, until: int) -> Iterator[SnapshotRow]:
        """Return the snapshots up to version `until`, latest first."""
        found = self._run(
            "SELECT seq, hash, payload, digest FROM {0}.snapshots WHERE playbook = %s AND seq <= %s"
            " ORDER BY seq DESC",
            self._playbook,
            until,
        )
        return map(SnapshotRow._make, found)

    def write_snapshot(self, row: SnapshotRow) -> None:
        """Add a snapshot; the two latest are kept."""
        self._run(
            "INSERT INTO {0}.snapshots VALUES (%s, %s, %s, %s, %s) ON CONFLICT (playbook, seq) DO UPDATE"
            " SET hash = excluded.hash, payload = excluded.payload, digest = excluded.digest",
            self._playbook,
            *row,
        )
        self._run(
            "DELETE FROM {0}.snapshots WHERE playbook = %s AND seq NOT IN"
            " (SELECT seq FROM {0}.snapshots WHERE playbook = %s ORDER BY seq DESC LIMIT 2)",
            self._playbook,
            self._playbook,
        )

    def _run(self, statement: LiteralString, *values: object) -> Cursor[TupleRow]:
        """Execute `statement`, in which {0} is the schema: no search path decides what a name means."""
        return self._connection.execute(sql.SQL(statement).format(self._schema), values)

    @staticmethod
    def _head(found: Cursor[TupleRow]) -> Head:
        row = found.fetchone()
        return Head() if row is None else Head(seq=int(row[0]), hash=str(row[1]))


def _number(text: str) -> int:
    """Return 64 bits that mean `text`; two that have them in common would only wait for each other."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], signed=True)


_HEAD: Final = "SELECT seq, hash FROM {}.head WHERE playbook = %s"
