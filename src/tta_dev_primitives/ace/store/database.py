"""An SQLite playbook, blocking: every method opens the file, does its work and closes it again."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ...core.errors import ConfigurationError, PlaybookReadOnly
from ..episode import Episode
from ..events import Recorded, union
from ..playbook import Playbook
from . import schema
from .backup import back_up
from .connection import compact, reading, refuse_garbage, writing
from .faults import faults
from .json_view import JsonView
from .kept import Checkpoint, Head, episode_row
from .lasting import NO_CONTENTS, Contents
from .ledger import Ledger
from .lock import Abandoned, WriterLock
from .plan import Plan, plan, repeated
from .protocol import Commit, Committed, StoredRecord
from .rows import Rows
from .sqlite_rows import SqliteRows
from .verification import NOTHING, Verified, verify


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
        self._ledger = Ledger(str(path), snapshot_every=snapshot_every)

    def load(self, cancelled: threading.Event) -> Playbook:
        """Return the latest playbook, with what a person wrote into the JSON view."""
        with self._reading() as rows:
            head = rows.head() if rows else Head()
            playbook = self._ledger.latest(rows, head) if rows else Playbook()
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
            rows = SqliteRows(connection)
            head = rows.head()
            latest = self._ledger.latest(rows, head)
            if commit.episode is not None and rows.has_episode(commit.episode.id):
                return repeated(latest, commit)
            planned = self._plan(rows, latest, head, commit)
            checkpoint = self._store(rows, head, planned)
            if cancelled.is_set():
                raise Abandoned
            connection.execute("COMMIT")
            self._ledger.keep(checkpoint)
            if self._view is not None:
                self._view.publish()
        return planned.committed

    def begin_with(self, records: Sequence[Recorded], episodes: Sequence[Episode]) -> Playbook:
        """Make the playbook of these records and episodes, which must be new, in one transaction."""
        with self._writing(threading.Event()) as connection:
            rows = SqliteRows(connection)
            if rows.head().seq or rows.has_episodes():
                raise ConfigurationError(f"{str(self.path)!r} holds a playbook already; name another file")
            planned = Plan(records=union(records), committed=Committed(playbook=Playbook.fold(records)))
            for episode in episodes:
                rows.append_episode(episode_row(episode))
            checkpoint = self._store(rows, Head(), planned)
            connection.execute("COMMIT")
            self._ledger.keep(checkpoint)
            if self._view is not None:
                self._view.publish()
        return checkpoint.playbook

    def episodes(self, since: int, limit: int | None) -> tuple[Episode, ...]:
        """Return the latest episodes after the first `since`, oldest first."""
        with self._reading() as rows:
            return self._ledger.episodes(rows, since, limit) if rows else ()

    def history(self, since: int) -> tuple[StoredRecord, ...]:
        """Return the records after version `since`."""
        with self._reading() as rows:
            return self._ledger.history(rows, since) if rows else ()

    def contents(self) -> Contents:
        """Return all records and episodes, as of one moment."""
        with self._reading() as rows:
            return self._ledger.contents(rows) if rows else NO_CONTENTS

    def at_version(self, version: int) -> Playbook:
        """Return the playbook as it was at `version`."""
        with self._reading() as rows:
            if rows is None and version == 0:
                return Playbook()
            if rows is None:
                raise ConfigurationError(f"there is no version {version}; nothing has been stored yet")
            return self._ledger.at_version(rows, rows.head(), version)

    def verify(self) -> Verified:
        """Return what is found in all rows, and what SQLite itself finds in the file."""
        with self._reading() as rows:
            if rows is None:
                return NOTHING
            found = verify(rows)
            return replace(found, damages=(*rows.structure(), *found.damages))

    def backup(self, target: Path) -> None:
        """Copy the playbook as it is at one moment to `target`, which must be new, while others write."""
        with faults(target), self._reading() as rows:
            if rows is None:
                raise ConfigurationError(f"there is no playbook {str(self.path)!r} to back up")
            back_up(rows, target)

    def purge(self) -> None:
        """Write the file anew without freed pages, and empty its log: both may hold old texts."""
        with faults(self.path), self._lock.held(threading.Event()):
            if self.path.exists():
                refuse_garbage(self.path)
                compact(self.path)

    def _plan(self, rows: Rows, playbook: Playbook, head: Head, commit: Commit) -> Plan:
        def at_version(version: int) -> Playbook:
            return self._ledger.at_version(rows, head, version)

        edited = (
            self._view.edits(playbook, head.view_digest, at=self._clock(), at_version=at_version)
            if self._view
            else None
        )
        if edited is None:
            return plan(playbook, commit, at=self._clock())
        planned = plan(edited.playbook, commit, at=self._clock())
        return replace(planned, records=edited.records + planned.records)

    def _store(self, rows: Rows, head: Head, planned: Plan) -> Checkpoint:
        checkpoint = self._ledger.append(rows, head, planned)
        digest = self._view.stage(checkpoint.playbook) if self._view else head.view_digest
        end = Head(seq=head.seq + len(planned.records), hash=checkpoint.hash, view_digest=digest)
        rows.write_head(end)
        return checkpoint

    @contextmanager
    def _reading(self) -> Generator[SqliteRows | None]:
        """Yield the rows in a read transaction, or None if there is no playbook yet."""
        with faults(self.path):
            self._refuse_directory()
            if not self.path.exists():
                yield None
                return
            refuse_garbage(self.path)
            with reading(self.path) as connection:
                yield SqliteRows(connection) if schema.check(connection, self.path) else None

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
