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
from ..erasure import forgotten
from ..events import Recorded, union
from ..playbook import Playbook
from . import schema
from .archive import all_beside, refuse_other, remove_unfinished
from .backup import back_up
from .batch import Batch, Before
from .compaction import Compaction, archive_events, is_due
from .connection import reading, refuse_garbage, rewrite, writing
from .faults import faults
from .group import Answer, Waiting
from .json_view import JsonView
from .kept import Checkpoint, Head, episode_row
from .lasting import NO_CONTENTS, Contents
from .ledger import Ledger
from .lock import Abandoned, WriterLock
from .plan import Plan
from .protocol import Commit, Committed, StoredRecord
from .purge import Purged, purge_archives
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
        alone = Waiting(commit=commit, cancelled=cancelled)
        (answer,) = self.write(lambda: [alone], cancelled.is_set)
        if isinstance(answer, Committed):
            return answer
        raise answer

    def write(
        self, take: Callable[[], Sequence[Waiting]], nobody_waits: Callable[[], bool]
    ) -> Sequence[Answer]:
        """Store the commits that `take` returns in one transaction, and return what became of each.

        One that is cancelled before its turn is not begun. Where all were cancelled since, nothing is stored.
        """
        with self._writing(nobody_waits) as connection:
            rows = SqliteRows(connection)
            batch, group = self._batch(rows, rows.head()), take()
            answers = [Abandoned() if one.cancelled.is_set() else batch.add(one.commit) for one in group]
            if any(map(_wanted, group, answers)):
                self._finish(connection, rows, batch)
                return answers
        return [Abandoned() if isinstance(answer, Committed) else answer for answer in answers]

    def begin_with(
        self, records: Sequence[Recorded], episodes: Sequence[Episode], abandoned: Callable[[], bool]
    ) -> Playbook:
        """Make the playbook of these records and episodes, which must be new, in one transaction.

        Nothing is stored if it is `abandoned` before its turn, or before it is stored.
        """
        with self._writing(abandoned) as connection:
            rows = SqliteRows(connection)
            if rows.head().seq or rows.has_episodes():
                raise ConfigurationError(f"{str(self.path)!r} holds a playbook already; name another file")
            if self._view is not None and self._view.path.exists():
                raise ConfigurationError(f"{str(self._view.path)!r} exists already; name another file")
            planned = Plan(records=union(records), committed=Committed(playbook=Playbook.fold(records)))
            for episode in episodes:
                rows.append_episode(episode_row(episode))
            batch = self._batch(rows, Head())
            batch.append(planned)
            if abandoned():
                raise Abandoned
            self._finish(connection, rows, batch)
        return batch.checkpoint.playbook

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
        with self._reading() as rows:
            if rows is None:
                raise ConfigurationError(f"there is no playbook {str(self.path)!r} to back up")
            with faults(target):
                back_up(rows, target)

    def purge(self) -> Purged:
        """Write the file anew without freed pages, and empty its log: both may hold old texts.

        Then take what is forgotten out of the archives, and delete the JSON file that a person left.
        """
        with faults(self.path), self._lock.held(_never):
            if not self.path.exists():
                return Purged()
            refuse_garbage(self.path)
            rewrite(self.path)
            with self._reading() as rows:
                if rows is None:
                    return Purged()
                playbook = self._ledger.latest(rows, rows.head())
                moved = rows.moved()
                noted = [Path(row.place) for row in moved.archives()] if moved else []
            remove_unfinished(self.path.resolve())
            left = [other for other in all_beside(self.path.resolve()) if other not in noted]
            purged = purge_archives([*noted, *left], playbook)
            if self._view is None or not forgotten(playbook.bullets.values()):
                return purged
            return replace(purged, removed=self._view.remove_original())

    def compact(self, keep: int, archive: Path | None, abandoned: Callable[[], bool]) -> Compaction:
        """Move the payloads of all but the latest `keep` events to `archive`, and write the file anew."""
        if not self.path.exists():
            return Compaction(version=0)
        if archive is not None and archive.exists():
            raise ConfigurationError(f"{str(archive)!r} exists; an archive is a new file, so name another")
        before = self.path.stat().st_size
        done = self._move_out(keep, archive, abandoned)
        shrunk = self._shrink()
        return replace(done, before=before, after=self.path.stat().st_size, shrunk=shrunk)

    def _move_out(self, keep: int, archive: Path | None, abandoned: Callable[[], bool]) -> Compaction:
        with self._writing(abandoned) as connection:
            rows = SqliteRows(connection)
            head, moved = rows.head(), rows.moved()
            until, since = head.seq - keep, moved.base.seq if moved else 0
            noted = moved is not None and moved.base.anchor == head.seq  # nothing has happened since the last
            if until - since <= int(noted) or not is_due(rows, since=since, until=until):
                return Compaction(version=since)
            remove_unfinished(self.path.resolve())
            target = (archive or rows.beside(until)).absolute()
            batch = self._batch(rows, head)
            with faults(target):
                refuse_other(target, rows, since=since)
                archived = archive_events(rows, str(self.path), until=until, archive=target)
            batch.note(archived.event, run_id="compaction", actor="user")
            archived.leave(rows, batch.head.seq)
            self._finish(connection, rows, batch)
        return Compaction(version=until, events=until - since, archive=target)

    def _shrink(self) -> bool:
        """Give the freed pages back, if nobody reads and there is room."""
        with faults(self.path), self._lock.held(_never):
            try:
                rewrite(self.path)
            except sqlite3.OperationalError:
                return False
        return True

    def _batch(self, rows: Rows, head: Head) -> Batch:
        """Return a batch on top of what is stored, with what a person wrote into the JSON view."""
        playbook = self._ledger.latest(rows, head)
        edited = (
            self._view.edits(
                playbook,
                head.view_digest,
                at=self._clock(),
                at_version=lambda version: self._ledger.at_version(rows, head, version),
            )
            if self._view
            else None
        )
        return Batch(
            ledger=self._ledger,
            rows=rows,
            clock=self._clock,
            head=head,
            checkpoint=Checkpoint(playbook=playbook, hash=head.hash),
            before=Before(playbook=edited.playbook, records=edited.records) if edited else None,
        )

    def _finish(self, connection: sqlite3.Connection, rows: Rows, batch: Batch) -> None:
        """Make the end of `batch` that of the playbook, safe on disk."""
        playbook = batch.checkpoint.playbook
        digest = self._view.stage(playbook) if self._view else batch.head.view_digest
        rows.write_head(replace(batch.head, view_digest=digest))
        connection.execute("COMMIT")
        self._ledger.keep(batch.checkpoint)
        if self._view is not None:
            self._view.publish()

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
    def _writing(self, abandoned: Callable[[], bool]) -> Generator[sqlite3.Connection]:
        with faults(self.path):
            self._refuse_directory()
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._refuse_read_only()
            if self.path.exists():
                refuse_garbage(self.path)
            with self._lock.held(abandoned), writing(self.path) as connection:
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


def _wanted(waiting: Waiting, answer: Answer) -> bool:
    """Tell whether somebody waits for it that this is stored."""
    return isinstance(answer, Committed) and not waiting.cancelled.is_set()


def _never() -> bool:
    return False
