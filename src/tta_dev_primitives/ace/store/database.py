"""An SQLite playbook, blocking: every method opens the file, does its work and closes it again."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ...core.errors import ConfigurationError, PlaybookReadOnly
from ..episode import Episode
from ..playbook import Playbook
from . import rows, schema
from .connection import reading, refuse_garbage, writing
from .faults import corrupt, faults
from .json_view import JsonView
from .lock import Abandoned, WriterLock
from .plan import Plan, plan, repeated
from .protocol import Commit, Committed, StoredRecord
from .rows import Checkpoint, Head
from .uncollected import uncollected

BULLETS_AN_EVENT = 2
"""A playbook of n bullets gets a snapshot after n / 2 events, or after `snapshot_every` if that is later.

So a snapshot, which costs the number of bullets, costs each event the same however many there are, some 20
microseconds; and to load a playbook takes at most about three times as long as to read its snapshot.
"""


class Database:
    """The file at `path`, its JSON view if it has one, and the playbook that was read last."""

    def __init__(
        self,
        path: Path,
        *,
        view: JsonView | None,
        clock: Callable[[], int],
        lock_timeout_s: float,
        snapshot_every: int,
    ) -> None:
        self.path = path
        self._view = view
        self._clock = clock
        self._lock = WriterLock(path=path, timeout_s=lock_timeout_s)
        self._snapshot_every = snapshot_every
        self._cached = rows.BEGINNING

    def load(self, cancelled: threading.Event) -> Playbook:
        """Return the latest playbook, with what a person wrote into the JSON view."""
        with self._reading() as connection:
            head = rows.read_head(connection) if connection else Head()
            playbook = self._latest(connection, head).playbook if connection else Playbook()
        if self._view is None:
            return playbook
        with faults(self._view.path):
            if self._view.shows(playbook, head.view_digest):
                return playbook
            edited = self._view.edits(
                playbook, head.view_digest, at=self._clock(), at_version=self.at_version
            )
        try:
            return self.commit(Commit(run_id="import"), cancelled).playbook
        except PlaybookReadOnly:
            return edited.playbook if edited else playbook

    def commit(self, commit: Commit, cancelled: threading.Event) -> Committed:
        """Store `commit`, or nothing if `cancelled` is set before it is stored."""
        with self._writing(cancelled) as connection:
            head = rows.read_head(connection)
            latest = self._latest(connection, head)
            if commit.episode is not None and rows.has_episode(connection, commit.episode.id):
                return repeated(latest.playbook, commit)
            planned = self._plan(connection, latest.playbook, head, commit)
            checkpoint = self._store(connection, head, planned)
            if cancelled.is_set():
                raise Abandoned
            connection.execute("COMMIT")
            self._cached = checkpoint
            if self._view is not None:
                self._view.publish()
        return planned.committed

    def episodes(self, since: int, limit: int | None) -> tuple[Episode, ...]:
        """Return the latest episodes after the first `since`, oldest first."""
        with self._reading() as connection:
            return rows.read_episodes(connection, self.path, since, limit) if connection else ()

    def history(self, since: int) -> tuple[StoredRecord, ...]:
        """Return the records after version `since`."""
        with self._reading() as connection:
            if connection is None:
                return ()
            until = rows.read_head(connection).seq
            since = min(max(0, since), until)
            return tuple(rows.read_events(connection, self.path, since=since, until=until))

    def at_version(self, version: int) -> Playbook:
        """Return the playbook as it was at `version`."""
        with self._reading() as connection:
            head = rows.read_head(connection) if connection else Head()
            if not 0 <= version <= head.seq:
                raise ConfigurationError(f"there is no version {version}; versions 0 to {head.seq} exist")
            if connection is None:
                return Playbook()
            return self._read(connection, version).playbook

    def _plan(self, connection: sqlite3.Connection, playbook: Playbook, head: Head, commit: Commit) -> Plan:
        def at_version(version: int) -> Playbook:
            return self._read(connection, version).playbook

        edited = (
            self._view.edits(playbook, head.view_digest, at=self._clock(), at_version=at_version)
            if self._view
            else None
        )
        if edited is None:
            return plan(playbook, commit, at=self._clock())
        planned = plan(edited.playbook, commit, at=self._clock())
        return replace(planned, records=edited.records + planned.records)

    def _store(self, connection: sqlite3.Connection, head: Head, planned: Plan) -> Checkpoint:
        end = rows.append_events(connection, head, planned.records)
        if planned.episode is not None:
            rows.append_episode(connection, planned.episode)
        checkpoint = Checkpoint(playbook=planned.committed.playbook, hash=end.hash)
        if end.seq - rows.last_snapshot(connection) >= self._interval(checkpoint.playbook):
            rows.write_snapshot(connection, checkpoint)
        digest = self._view.stage(checkpoint.playbook) if self._view else head.view_digest
        rows.write_head(connection, Head(seq=end.seq, hash=end.hash, view_digest=digest))
        return checkpoint

    def _latest(self, connection: sqlite3.Connection, head: Head) -> Checkpoint:
        cached = self._cached
        if cached.hash != head.hash:
            cached = self._read(connection, head.seq)
            if cached.hash != head.hash:
                raise corrupt(self.path, f"record {head.seq} of table events is not the end that was noted")
            self._cached = cached
        return cached

    def _read(self, connection: sqlite3.Connection, until: int) -> Checkpoint:
        """Return the playbook at version `until`."""
        with uncollected():
            return self._extended(connection, self._base(connection, until), until)

    def _base(self, connection: sqlite3.Connection, until: int) -> Checkpoint:
        """Return the playbook up to version `until` from which the rest is folded soonest."""
        cached = self._cached
        version = cached.playbook.version
        usable = 0 < version <= until and rows.hash_at(connection, version) == cached.hash
        if usable and until - version <= self._interval(cached.playbook):
            return cached
        newest = rows.read_snapshot(connection, until=until)
        return cached if usable and version >= newest.playbook.version else newest

    def _interval(self, playbook: Playbook) -> int:
        """Return after how many events the next snapshot is due."""
        return max(self._snapshot_every, len(playbook.bullets) // BULLETS_AN_EVENT)

    def _extended(self, connection: sqlite3.Connection, base: Checkpoint, until: int) -> Checkpoint:
        since = base.playbook.version
        stored = tuple(rows.read_events(connection, self.path, since=since, until=until))
        if not stored:
            return base
        playbook = base.playbook.extend(item.recorded for item in stored)
        return Checkpoint(playbook=playbook, hash=stored[-1].hash)

    @contextmanager
    def _reading(self) -> Generator[sqlite3.Connection | None]:
        """Yield a connection in a read transaction, or None if there is no playbook yet."""
        with faults(self.path):
            self._refuse_directory()
            if not self.path.exists():
                yield None
                return
            refuse_garbage(self.path)
            with reading(self.path) as connection:
                yield connection if schema.check(connection, self.path) else None

    @contextmanager
    def _writing(self, cancelled: threading.Event) -> Generator[sqlite3.Connection]:
        with faults(self.path):
            self._refuse_directory()
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._refuse_read_only()
            if self.path.exists():
                refuse_garbage(self.path)
            with self._lock.held(cancelled), writing(self.path) as connection:
                version = schema.check(connection, self.path)
                if version < schema.VERSION:
                    schema.migrate(connection, version)
                yield connection

    def _refuse_directory(self) -> None:
        if self.path.is_dir():
            raise ConfigurationError(
                f"{str(self.path)!r} is a directory; name a file in it, such as playbook.db"
            )

    def _refuse_read_only(self) -> None:
        """Find out before anything is written, not after the commit."""
        files = [self.path, *([self._view.path] if self._view else [])]
        for file in files:
            if file.exists() and not os.access(file, os.W_OK):
                raise PermissionError(13, "not writable", str(file))
