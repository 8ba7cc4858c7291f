"""Verify: read every row of a playbook, and name each that is not as it was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..erasure import forgotten, is_erased, subjects
from ..events import Recorded
from ..playbook import Playbook
from .chain import GENESIS
from .damage import Damage
from .kept import Checkpoint, Head, RowFault, SnapshotRow, read_episode, read_snapshot
from .moved import Moved, read_moved
from .records import Broken, Proven, Start, sound, walk
from .rows import Rows

_LAST = (1 << 63) - 1
_PART = 1_000  # events that are folded at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """How many rows were read, up to `version`, and what is wrong with them.

    Of events up to version `base` only their places in the chain are in the playbook. Those whose archive is
    `missing` could not be folded again. `set_aside` are the records of which it is known that they are lost,
    also ones that a salvage or an erasure put something in the place of.
    """

    version: int
    events: int
    episodes: int
    snapshots: int
    damages: tuple[Damage, ...]
    base: int = 0
    missing: tuple[str, ...] = ()
    set_aside: int = 0

    @property
    def sound(self) -> bool:
        """True if every row is as it was written."""
        return not self.damages


NOTHING = Verified(version=0, events=0, episodes=0, snapshots=0, damages=())


def verify(rows: Rows) -> Verified:
    """Return what is found in all rows; a damaged one does not keep the others from being read."""
    head, moved = rows.head(), read_moved(rows)
    reading = _Reading(rows=rows, moved=moved)
    reading.events(head)
    if not reading.damages and reading.last != head.hash:
        reading.note("head", None, f"it names another record than {head.seq} as the end")
    beyond = next(iter(rows.events(since=head.seq, until=_LAST)), None)
    if beyond is not None:
        reading.note("events", beyond.seq, "it comes after the end that head names")
    reading.episodes()
    return Verified(
        version=head.seq,
        events=reading.read,
        episodes=reading.episodes_read,
        snapshots=len(reading.snapshots),
        damages=tuple(reading.damages),
        base=moved.seq,
        missing=moved.missing,
        set_aside=len(reading.playbook.set_aside),
    )


@dataclass(slots=True, kw_only=True)
class _Reading:
    """What has been read, and what of it is damaged; `last` is the hash of the chain so far."""

    rows: Rows
    moved: Moved
    damages: list[Damage] = field(default_factory=list[Damage])
    playbook: Playbook = field(default_factory=Playbook)
    last: str = GENESIS
    key: tuple[int, str] | None = None
    read: int = 0
    episodes_read: int = 0
    emptied: list[tuple[int, frozenset[str]]] = field(default_factory=list[tuple[int, frozenset[str]]])
    snapshots: list[SnapshotRow] = field(default_factory=list[SnapshotRow])

    def note(self, table: str, row: int | None, problem: str) -> None:
        self.damages.append(Damage(table=table, row=row, problem=problem))

    def events(self, head: Head) -> None:
        """Check the chain and every event, and the snapshots on the way."""
        until = head.seq
        self.damages.extend(self.moved.damages)
        self.playbook, self.last, self.read = self.moved.playbook, self.moved.hash, self.moved.seq
        self.key = self.playbook.head
        start = Start(seq=self.read, hash=self.last, key=self.key)
        self.snapshots = sorted(self.rows.snapshots(until=until))
        due = [snapshot for snapshot in self.snapshots if snapshot.seq > self.moved.seq]
        part = list[Recorded]()
        for found in walk(self.rows.events(since=start.seq, until=until), start=start, until=until, end=head):
            part.extend(self._events(found))
            if len(part) >= _PART or (due and self.read >= due[0].seq):
                self.playbook, part = self.playbook.extend(part), []
            while due and self.read >= due[0].seq:
                self._snapshot(due.pop(0))
        self.playbook = self.playbook.extend(part)
        gone = forgotten(self.playbook.bullets.values())
        self.damages.extend(self.moved.compared(gone))
        for seq, bullets in (*self.moved.emptied, *self.emptied):
            if bullets.isdisjoint(gone):
                self.note("events", seq, "it was emptied, and nothing says that it was forgotten")

    def _events(self, found: Proven | Broken) -> Iterator[Recorded]:
        """Yield the event that was found, if there is one and it is later than the one before."""
        recorded = self._broken(found) if isinstance(found, Broken) else self._proven(found)
        if recorded is not None and (self.key is None or recorded.key > self.key):
            self.key = recorded.key
            yield recorded

    def _proven(self, found: Proven) -> Recorded:
        stored, recorded = found.stored, found.stored.recorded
        self.read, self.last = stored.seq, stored.hash
        for problem in found.problems:
            self.note("events", stored.seq, f"it {problem}")
        if is_erased(recorded.event):
            self.emptied.append((stored.seq, subjects(recorded.event)))
        return recorded

    def _broken(self, found: Broken) -> Recorded | None:
        more = f", as are all up to {found.last}" if found.last > found.first else ""
        self.note("events", found.first, f"it {found.problem}{more}")
        if found.row is None:
            return None
        self.read, self.last = found.row.seq, found.row.hash
        return sound(found.row)

    def _snapshot(self, snapshot: SnapshotRow) -> None:
        """A damaged snapshot is passed over when loading; one of something else would be believed."""
        found = read_snapshot(snapshot, whole=True)
        if found is None:
            self.note("snapshots", snapshot.seq, "it does not match its digest; it is not used")
        elif (snapshot.seq, snapshot.hash) != (self.read, self.last):
            self.note("snapshots", snapshot.seq, "it is of another chain; it is not used")
        elif self.damages or _knows_more(found.playbook, self.playbook):
            return
        elif found != Checkpoint(playbook=self.playbook, hash=self.last):
            self.note("snapshots", snapshot.seq, "it shows something else than the events before it")

    def episodes(self) -> None:
        """Check every episode."""
        for seq, payload, digest in reversed(self.rows.episodes(since=0, limit=None)):
            self.episodes_read += 1
            try:
                read_episode(payload, digest)
            except RowFault as fault:
                self.note("episodes", seq, f"it {fault}")


def _knows_more(snapshot: Playbook, folded: Playbook) -> bool:
    """Tell whether a snapshot was made while records that are set aside now were still sound."""
    return set(snapshot.set_aside) < set(folded.set_aside)
