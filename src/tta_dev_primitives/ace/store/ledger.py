"""Ledger: the playbook that its rows make, read from a snapshot and the events after it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from ...core.errors import ConfigurationError
from ..episode import Episode
from ..erasure import erase, forgotten
from ..events import Forget, encode
from ..playbook import Playbook
from .faults import corrupt
from .kept import (
    BEGINNING,
    Checkpoint,
    EventRow,
    Head,
    RowFault,
    episode_row,
    event_rows,
    read_episode,
    read_snapshot,
    snapshot_row,
)
from .plan import Plan
from .protocol import StoredRecord
from .records import Start, proven, sound, told
from .rows import Rows
from .uncollected import uncollected

SNAPSHOT_EVERY = 1_000
"""Events between snapshots, of a playbook of up to 2,000 bullets; see `BULLETS_AN_EVENT`.

Loading folds at most so many, which takes some tens of milliseconds.
"""
BULLETS_AN_EVENT = 2
"""A playbook of n bullets gets a snapshot after n / 2 events, or after `snapshot_every` if that is later.

So a snapshot, which costs the number of bullets, costs each event the same however many there are, some 20
microseconds; and to load a playbook takes at most about three times as long as to read its snapshot.
"""


class Ledger:
    """Remembers the playbook that was read last. `place` names it in errors."""

    def __init__(self, place: str, *, snapshot_every: int = SNAPSHOT_EVERY) -> None:
        self._place, self._snapshot_every = place, snapshot_every
        self._cached = BEGINNING

    def keep(self, checkpoint: Checkpoint) -> None:
        """Remember what has been committed."""
        self._cached = checkpoint

    def latest(self, rows: Rows, head: Head) -> Playbook:
        """Return the playbook at `head`.

        Raises:
            PlaybookCorrupt: the records do not lead there.
        """
        if self._cached.hash != head.hash:
            read = self._read(rows, head.seq)
            if read.hash != head.hash:
                raise corrupt(self._place, f"record {head.seq} of table events is not the end that was noted")
            self._cached = read
        return self._cached.playbook

    def at_version(self, rows: Rows, head: Head, version: int) -> Playbook:
        """Return the playbook as it was at `version`.

        Raises:
            ConfigurationError: there is no such version.
        """
        if not 0 <= version <= head.seq:
            raise ConfigurationError(f"there is no version {version}; versions 0 to {head.seq} exist")
        return self._read(rows, version).playbook

    def history(self, rows: Rows, since: int) -> tuple[StoredRecord, ...]:
        """Return the records after version `since`."""
        until = rows.head().seq
        return self._events(rows, _start(rows, min(max(0, since), until)), until)

    def episodes(self, rows: Rows, since: int, limit: int | None) -> tuple[Episode, ...]:
        """Return the latest episodes after the first `since`, oldest first."""
        found = rows.episodes(since=since, limit=limit)
        return tuple(self._episode(*row) for row in reversed(found))

    def _episode(self, seq: int, payload: str, digest: str) -> Episode:
        try:
            return read_episode(payload, digest)
        except RowFault as fault:
            raise corrupt(self._place, f"row {seq} of table episodes {fault}") from fault

    def append(self, rows: Rows, head: Head, planned: Plan) -> Checkpoint:
        """Write events, episode and a due snapshot, not the head; return what the playbook is then."""
        added = tuple(event_rows(head, planned.records))
        rows.append_events(added)
        if planned.episode is not None:
            rows.append_episode(episode_row(planned.episode))
        playbook = planned.committed.playbook
        checkpoint = Checkpoint(playbook=playbook, hash=added[-1].hash if added else head.hash)
        if any(isinstance(item.event, Forget) for item in planned.records):
            _erase(rows, playbook)
            rows.write_snapshot(snapshot_row(checkpoint))
        elif head.seq + len(added) - rows.last_snapshot() >= self._interval(playbook):
            rows.write_snapshot(snapshot_row(checkpoint))
        return checkpoint

    def _read(self, rows: Rows, until: int) -> Checkpoint:
        """Return the playbook at version `until`."""
        with uncollected():
            base = self._base(rows, until)
            playbook = base.playbook
            start = Start(seq=playbook.version, hash=base.hash, key=playbook.head)
            stored = self._events(rows, start, until)
            if not stored:
                return base
            playbook = playbook.extend(item.recorded for item in stored)
            return Checkpoint(playbook=playbook, hash=stored[-1].hash)

    def _base(self, rows: Rows, until: int) -> Checkpoint:
        """Return the playbook up to version `until` from which the rest is folded soonest."""
        cached = self._cached
        version = cached.playbook.version
        usable = 0 < version <= until and rows.hash_at(version) == cached.hash
        if usable and until - version <= self._interval(cached.playbook):
            return cached
        newest = _newest_snapshot(rows, until)
        return cached if usable and version >= newest.playbook.version else newest

    def _interval(self, playbook: Playbook) -> int:
        """Return after how many events the next snapshot is due."""
        return max(self._snapshot_every, len(playbook.bullets) // BULLETS_AN_EVENT)

    def _events(self, rows: Rows, start: Start, until: int) -> tuple[StoredRecord, ...]:
        found = rows.events(since=start.seq, until=until + 1)  # the row after the last one is a witness of it
        return tuple(proven(self._place, found, start=start, until=until, end=rows.head()))


def _start(rows: Rows, since: int) -> Start:
    """Return the beginning after record `since`, as its row says."""
    return Start() if since == 0 else Start(seq=since, hash=rows.hash_at(since) or "")


def _erase(rows: Rows, playbook: Playbook) -> None:
    """Take the texts of forgotten bullets out of every event, and every copy of them out of the snapshots."""
    bullets = forgotten(playbook.bullets.values())
    doubtful = (one for aside in playbook.set_aside if aside.everything for one in _row(rows, aside.record))
    for row in chain(doubtful, *map(rows.events_with, bullets)):
        recorded = sound(row)
        if recorded is None:  # it may have the text, so that goes, and the doubt about it stays
            rows.rewrite_event(row.seq, encode(told(row.payload)))
            continue
        erased = erase(recorded, bullets, playbook.bullets)
        if erased is not recorded:
            rows.rewrite_event(row.seq, encode(erased.event))
    rows.drop_snapshots()


def _row(rows: Rows, seq: int) -> Iterable[EventRow]:
    return rows.events(since=seq - 1, until=seq)


def _newest_snapshot(rows: Rows, until: int) -> Checkpoint:
    """Return the latest sound snapshot up to version `until`; a damaged one is only a copy, passed over."""
    for row in rows.snapshots(until=until):
        checkpoint = read_snapshot(row)
        if checkpoint is not None and rows.hash_at(row.seq) == row.hash:
            return checkpoint
    return BEGINNING
