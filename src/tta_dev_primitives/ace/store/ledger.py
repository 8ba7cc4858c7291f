"""Ledger: the playbook that its rows make, read from a snapshot and the events after it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

from ...core.errors import ConfigurationError
from ..episode import Episode
from ..erasure import erase, forgotten
from ..events import Forget, Recorded, encode
from ..playbook import Playbook
from ..uncollected import uncollected
from .archive import with_archived
from .base import anchored, erase_base, read_base
from .chain import link
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
from .lasting import Contents
from .plan import Plan
from .protocol import StoredRecord
from .records import Start, identified, proven, sound, told
from .rows import MovedRows, Rows

SNAPSHOT_EVERY = 1_000
"""Events between snapshots, of a playbook of up to 10,000 bullets; see `BULLETS_AN_EVENT`.

Loading folds at most so many, which takes some tens of milliseconds.
"""
BULLETS_AN_EVENT = 10
"""A playbook of n bullets gets a snapshot after n / 10 events, or after `snapshot_every` if that is later.

So a snapshot, which costs the number of bullets, costs each event the same however many there are, some 60
microseconds, a sixth of what a commit costs it; and to load takes at most half as long again as to read one.
"""

_LAST: Final = (1 << 63) - 1


def snapshot_interval(bullets: int, *, least: int = SNAPSHOT_EVERY) -> int:
    """Return after how many events a playbook of so many bullets gets its next snapshot."""
    return max(least, bullets // BULLETS_AN_EVENT)


class Ledger:
    """Remembers the playbook that was read last. `place` names it in errors."""

    def __init__(self, place: str, *, snapshot_every: int = SNAPSHOT_EVERY) -> None:
        self._place, self._snapshot_every = place, snapshot_every
        self._cached, self._opened = BEGINNING, False

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
            self._cached, self._opened = read, False
        if not self._opened:
            self._refuse_more(rows, head)
            self._opened = True
        return self._cached.playbook

    def _refuse_more(self, rows: Rows, head: Head) -> None:
        """Find a head that was put back: the next commit would write over what is there."""
        beyond = next(iter(rows.events(since=head.seq, until=_LAST)), None)
        if beyond is not None:
            raise corrupt(self._place, f"record {beyond.seq} of table events is beyond the noted end")

    def at_version(self, rows: Rows, head: Head, version: int) -> Playbook:
        """Return the playbook as it was at `version`.

        Raises:
            ConfigurationError: there is no such version.
        """
        if not 0 <= version <= head.seq:
            raise ConfigurationError(f"there is no version {version}; versions 0 to {head.seq} exist")
        with uncollected():
            current = version == self._cached.playbook.version and self._cached.hash == head.hash
            # What was read before others went on may have what they forgot since.
            base = self._cached if current else _newest_snapshot(rows, version)
            stored = self._erased(rows, self._events(rows, _from(base), version))
            return base.playbook.extend(item.recorded for item in stored)

    def history(self, rows: Rows, since: int) -> tuple[StoredRecord, ...]:
        """Return the records after version `since`."""
        until = rows.head().seq
        return self._erased(rows, self._events(rows, _after(rows, min(max(0, since), until)), until))

    def episodes(self, rows: Rows, since: int, limit: int | None) -> tuple[Episode, ...]:
        """Return the latest episodes after the first `since`, oldest first."""
        found = rows.episodes(since=max(0, since), limit=None if limit is None else max(0, limit))
        return tuple(self._episode(*row) for row in reversed(found))

    def contents(self, rows: Rows) -> Contents:
        """Return all records and episodes."""
        return Contents(
            records=tuple(item.recorded for item in self.history(rows, 0)),
            episodes=self.episodes(rows, 0, None),
            head=rows.head().hash,
        )

    def _episode(self, seq: int, payload: str, digest: str) -> Episode:
        try:
            return read_episode(payload, digest)
        except RowFault as fault:
            raise corrupt(self._place, f"row {seq} of table episodes {fault}") from fault

    def append(self, rows: Rows, head: Head, planned: Plan) -> Checkpoint:
        """Write events, episode and a due snapshot, not the head; return what the playbook is then.

        Raises:
            ConfigurationError: an event is of a time that cannot be stored.
        """
        _refuse_time(planned.records)
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
            base = self._start(rows, until)
            playbook = base.playbook
            stored = self._events(rows, _from(base), until)
            if not stored:
                return base
            playbook = playbook.extend(item.recorded for item in stored)
            return Checkpoint(playbook=playbook, hash=stored[-1].hash)

    def _start(self, rows: Rows, until: int) -> Checkpoint:
        """Return the playbook up to version `until` from which the rest is folded soonest."""
        cached = self._cached
        version, start = cached.playbook.version, _start(rows.moved(), until)
        usable = start <= version <= until and version > 0 and rows.hash_at(version) == cached.hash
        if usable and until - version <= self._interval(cached.playbook):
            return cached
        newest = _newest_snapshot(rows, until)
        return cached if usable and version >= newest.playbook.version else newest

    def _interval(self, playbook: Playbook) -> int:
        """Return after how many events the next snapshot is due."""
        return snapshot_interval(len(playbook.bullets), least=self._snapshot_every)

    def _events(self, rows: Rows, start: Start, until: int) -> tuple[StoredRecord, ...]:
        found = with_archived(rows, since=start.seq, until=until + 1)  # the row after the last is its witness
        return tuple(proven(self._place, found, start=start, until=until, end=rows.head()))

    def _erased(self, rows: Rows, stored: tuple[StoredRecord, ...]) -> tuple[StoredRecord, ...]:
        """Return the records without texts that are forgotten, which an archive may still have."""
        moved = rows.moved() if stored else None
        if moved is None or stored[0].seq > moved.base.seq:
            return stored
        bullets = self.latest(rows, rows.head()).bullets
        gone = forgotten(bullets.values())
        return tuple(replace(item, recorded=erase(item.recorded, gone, bullets)) for item in stored)


def _refuse_time(records: Sequence[Recorded]) -> None:
    """Raise if a time has more than 64 bits, which no store can keep."""
    strange = next((item.at for item in records if not -_LAST <= item.at <= _LAST), None)
    if strange is not None:
        raise ConfigurationError(
            f"an event would be of {strange} ns since 1970, and the last time that can be stored is "
            f"{_LAST} ns, in 2262; set the clock right, or begin from a backup if the playbook is that late"
        )


def _erase(rows: Rows, playbook: Playbook) -> None:
    """Take the texts of forgotten bullets out of every event, and every copy of them out of the snapshots."""
    bullets = forgotten(playbook.bullets.values())
    doubtful = (one for aside in playbook.set_aside if aside.everything for one in _row(rows, aside.record))
    for row in map(identified, chain(doubtful, *map(rows.events_with, bullets))):
        recorded = sound(row)
        if recorded is None:  # it may have the text, so that goes, and the doubt about it stays
            rows.rewrite_event(row.seq, row.event_id, encode(told(row.payload)))
            continue
        erased = erase(recorded, bullets, playbook.bullets)
        if erased is not recorded:
            rows.rewrite_event(row.seq, row.event_id, encode(erased.event))
    moved = rows.moved()
    if moved is not None:
        moved.rewrite(erase_base(moved.payload(), bullets))
    rows.drop_snapshots()


def _row(rows: Rows, seq: int) -> Iterable[EventRow]:
    moved = rows.moved()
    return () if moved is not None and seq <= moved.base.seq else rows.events(since=seq - 1, until=seq)


def _after(rows: Rows, since: int) -> Start:
    """Return the beginning after record `since`, as its row says, or the next one where that is damaged."""
    if since == 0:
        return Start()
    said = rows.hash_at(since) or ""
    following = next(iter(rows.events(since=since, until=since + 1)), None)
    if following is not None and following.hash == link(following.prev_hash, since + 1, following.event_id):
        said = following.prev_hash
    return Start(seq=since, hash=said)


def _from(base: Checkpoint) -> Start:
    return Start(seq=base.playbook.version, hash=base.hash, key=base.playbook.head)


def _start(moved: MovedRows | None, until: int) -> int:
    """Return up to which version events were moved, of those up to `until`; 0 if `until` is among them."""
    return moved.base.seq if moved is not None and moved.base.seq <= until else 0


def _newest_snapshot(rows: Rows, until: int) -> Checkpoint:
    """Return the latest sound snapshot up to version `until`; a damaged one is only a copy, passed over.

    The base takes the place of those before it, as what followed them is not here any more.
    """
    moved = rows.moved()
    start = _start(moved, until)
    for row in rows.snapshots(until=until):
        checkpoint = read_snapshot(row) if row.seq >= start else None
        if checkpoint is not None and rows.hash_at(row.seq) == row.hash:
            return checkpoint
    return (moved is not None and start and sound_base(rows, moved)) or BEGINNING


def sound_base(rows: Rows, moved: MovedRows) -> Checkpoint | None:
    """Return the base if it is the one that the chain names, else None: the archives tell it as well."""
    row, payload = moved.base, moved.payload()
    anchor = rows.events(since=row.anchor - 1, until=row.anchor)
    found = read_base(row, payload) if anchored(row, payload, anchor) else None
    return found and found[0]
