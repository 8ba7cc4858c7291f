"""The rows of a playbook in an SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from .base import ArchiveRow, BaseRow
from .chain import GENESIS
from .damage import Damage
from .kept import EpisodeRow, EventRow, Head, SnapshotRow
from .sqlite_moved import SqliteMoved, archive_beside
from .sqlite_values import as_number, as_text

COLUMNS = "seq, event_id, at, run_id, actor, payload, prev_hash, hash"


class SqliteRows:
    """Implements `Rows` on an open transaction of `connection`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def head(self) -> Head:
        """Return the end of the chain."""
        row = self._connection.execute("SELECT seq, hash, view_digest FROM head").fetchone()
        return (
            Head()
            if row is None
            else Head(seq=as_number(row[0]), hash=as_text(row[1]), view_digest=as_text(row[2]))
        )

    def write_head(self, head: Head) -> None:
        """Replace the end of the chain."""
        self._connection.execute(
            "INSERT OR REPLACE INTO head VALUES (1, ?, ?, ?)", (head.seq, head.hash, head.view_digest)
        )

    def hash_at(self, seq: int) -> str | None:
        """Return the hash of the chain at `seq`, or None if there is no such record."""
        if seq == 0:
            return GENESIS
        row = self._connection.execute("SELECT hash FROM events WHERE seq = ?", (seq,)).fetchone()
        return None if row is None else as_text(row[0])

    def append_events(self, rows: Iterable[EventRow]) -> None:
        """Add events."""
        self._connection.executemany(
            f"INSERT INTO events ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608  # constant
            rows,
        )

    def events(self, *, since: int, until: int) -> Iterator[EventRow]:
        """Return the events after `since` up to `until`, oldest first."""
        query = f"SELECT {COLUMNS} FROM events WHERE seq > ? AND seq <= ? ORDER BY seq"  # noqa: S608  # constant
        return map(event_row, self._connection.execute(query, (since, until)))

    def events_with(self, text: str) -> Sequence[EventRow]:
        """Return the events whose payload has `text` in it."""
        query = f"SELECT {COLUMNS} FROM events WHERE instr(payload, ?) ORDER BY seq"  # noqa: S608  # constant
        return [event_row(row) for row in self._connection.execute(query, (text,))]

    def rewrite_event(self, seq: int, event_id: str, payload: str) -> None:
        """Put `event_id` and `payload` in the place of those of event `seq`."""
        self._connection.execute(
            "UPDATE events SET event_id = ?, payload = ? WHERE seq = ?", (event_id, payload, seq)
        )

    def moved(self) -> SqliteMoved | None:
        """Return what stands for events that were moved to archives, None if none were."""
        return SqliteMoved.of(self._connection)

    def move(self, base: BaseRow, payload: str, archive: ArchiveRow) -> None:
        """Take out the payloads of the events in `archive`; `payload` stands for all up to them.

        What the event's id covers goes too, and snapshots from which nothing can be folded on.
        """
        place = "" if Path(archive.place) == self.beside(archive.last) else archive.place
        self._connection.execute("INSERT INTO archives VALUES (?, ?, ?)", archive._replace(place=place))
        self._connection.execute("INSERT OR REPLACE INTO base VALUES (1, ?, ?, ?, ?)", (*base, payload))
        bounds = (archive.first, archive.last)
        self._connection.execute(
            "UPDATE events SET run_id = '', actor = '', payload = '', prev_hash = ''"
            " WHERE seq BETWEEN ? AND ?",
            bounds,
        )
        self._connection.execute("DELETE FROM snapshots WHERE seq < ?", (base.seq,))

    def beside(self, last: int) -> Path:
        """Return where the archive of the events up to `last` is if nobody named another place."""
        return archive_beside(self._connection, last)

    def drop_snapshots(self) -> None:
        """Remove all snapshots."""
        self._connection.execute("DELETE FROM snapshots")

    def has_episode(self, episode_id: str) -> bool:
        """Return whether an episode is stored."""
        found = self._connection.execute("SELECT 1 FROM episodes WHERE id = ?", (episode_id,))
        return found.fetchone() is not None

    def has_episodes(self) -> bool:
        """Return whether any episode is stored."""
        return self._connection.execute("SELECT 1 FROM episodes LIMIT 1").fetchone() is not None

    def append_episode(self, row: EpisodeRow) -> None:
        """Add an episode."""
        self._connection.execute(
            "INSERT INTO episodes (id, run_id, task_id, playbook_version, payload, digest)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            row,
        )

    def episodes(self, *, since: int, limit: int | None) -> Sequence[tuple[int, str, str]]:
        """Return place, payload and digest of the latest `limit` after `since`, newest first."""
        query = "SELECT seq, payload, digest FROM episodes WHERE seq > ? ORDER BY seq DESC LIMIT ?"
        found = self._connection.execute(query, (since, -1 if limit is None else limit))
        return [(seq, as_text(payload), as_text(digest)) for seq, payload, digest in found]

    def last_snapshot(self) -> int:
        """Return the version of the latest snapshot, 0 if there is none."""
        row: tuple[int | None] = self._connection.execute("SELECT max(seq) FROM snapshots").fetchone()
        return row[0] or 0

    def snapshots(self, *, until: int) -> Iterator[SnapshotRow]:
        """Return the snapshots up to version `until`, latest first."""
        query = "SELECT seq, hash, payload, digest FROM snapshots WHERE seq <= ? ORDER BY seq DESC"
        found = self._connection.execute(query, (until,))
        return (
            SnapshotRow(seq, as_text(hashed), as_text(payload), as_text(digest))
            for seq, hashed, payload, digest in found
        )

    def write_snapshot(self, row: SnapshotRow) -> None:
        """Add a snapshot; the two latest are kept."""
        self._connection.execute("INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?)", row)
        self._connection.execute(
            "DELETE FROM snapshots WHERE seq NOT IN (SELECT seq FROM snapshots ORDER BY seq DESC LIMIT 2)"
        )

    def structure(self) -> tuple[Damage, ...]:
        """Return what SQLite finds wrong with the file's own structure."""
        found = self._connection.execute("PRAGMA integrity_check").fetchall()
        problems = [str(row[0]) for row in found if row[0] != "ok"]
        return tuple(Damage(table="file", row=None, problem=f"SQLite reports {text!r}") for text in problems)

    def copy_to(self, target: sqlite3.Connection) -> None:
        """Copy the file's pages as this transaction sees them; writers are not held up."""
        self._connection.backup(target)


def event_row(row: tuple[object, ...]) -> EventRow:
    """Return a row of table events. What is damaged in the file may have another type than was stored."""
    seq, event_id, at, *texts = row
    run_id, actor, payload, prev_hash, hashed = map(as_text, texts)
    return EventRow(
        as_number(seq), as_text(event_id), as_number(at), run_id, actor, payload, prev_hash, hashed
    )
