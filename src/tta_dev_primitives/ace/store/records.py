"""Records: rows of events, each proven by the chain of hashes around it; what stands in for a damaged one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

from pydantic import ValidationError

from ..erasure import is_erased
from ..events import PlaybookEvent, Recorded, SetAside, decode, event_hash
from .chain import GENESIS, link
from .faults import corrupt
from .kept import EventRow, Head
from .mending import flipped, mended
from .protocol import StoredRecord

_SUBJECT: Final = re.compile(r'"bullet":"([0-9a-f]{32})"')
_OTHERS: Final = re.compile(r'"(?:into|other|supersedes)":"([0-9a-f]{32})"')
_ADDS: Final = '"provenance":'
_MOST_MENDED = 20
"""Rows that are tried in vain to be mended: a file with more has no single flipped bits."""

Key = tuple[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where reading begins: after record `seq` with this `hash` and the `key` of its event."""

    seq: int = 0
    hash: str = GENESIS
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A record that the chain proves. `problems` are of its row; they do not matter unless `set_aside`."""

    stored: StoredRecord
    problems: tuple[str, ...] = ()

    @property
    def set_aside(self) -> bool:
        """True if what the record says is lost."""
        return isinstance(self.stored.recorded.event, SetAside)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """Where the chain ends: records `first` to `last` are missing, or `row` does not continue it."""

    first: int
    last: int
    problem: str
    row: EventRow | None = None


def proven(
    place: str, rows: Iterable[EventRow], *, start: Start, until: int, end: Head
) -> Iterator[StoredRecord]:
    """Yield the records from `start` up to `until`; a damaged one as what stands in for it.

    Raises:
        PlaybookCorrupt: a record is missing, or the chain of hashes does not hold.
    """
    for found in walk(rows, start=start, until=until, end=end):
        if isinstance(found, Broken):
            raise corrupt(place, f"record {found.first} of table events {found.problem}")
        yield found.stored


def unharmed(
    place: str, rows: Iterable[EventRow], *, start: Start, until: int, end: Head
) -> Iterator[StoredRecord]:
    """Yield the records from `start` up to `until`, each as it was written.

    Raises:
        PlaybookCorrupt: one is damaged, or the chain of hashes does not hold.
    """
    for found in walk(rows, start=start, until=until, end=end):
        if isinstance(found, Broken):
            raise corrupt(place, f"record {found.first} of table events {found.problem}")
        if found.problems:
            raise corrupt(place, f"record {found.stored.seq} of table events {found.problems[0]}")
        yield found.stored


def walk(rows: Iterable[EventRow], *, start: Start, until: int, end: Head) -> Iterator[Proven | Broken]:
    """Yield what the rows after `start` are, up to `until`; after a break the chain is taken up again.

    Rows beyond `until` are only witnesses. `end` is the end of the chain, where that is known.
    """
    return _Walk(last=start.hash, seq=start.seq, key=start.key, end=end).through(rows, until)


@dataclass(slots=True, kw_only=True)
class _Walk:
    last: str
    seq: int
    key: Key | None
    end: Head
    in_vain: int = 0

    def through(self, rows: Iterable[EventRow], until: int) -> Iterator[Proven | Broken]:
        for row, following in _with_next(rows):
            if row.seq > until:
                break
            if row.seq != self.seq + 1:
                yield Broken(first=self.seq + 1, last=row.seq - 1, problem="is missing")
                self.last = row.prev_hash
            yield self._as_written(row) or self._read(row, self._witnesses(row, following))
            self.seq = row.seq
        if self.seq < until:
            yield Broken(first=self.seq + 1, last=until, problem="is missing")

    def _as_written(self, row: EventRow) -> Proven | None:
        """Return the record of a row in which all is as it should be, as in nearly every one; else None."""
        own = event_hash(row.payload, at=row.at, run_id=row.run_id, actor=row.actor)
        if (own, self.last, link(self.last, row.seq, own)) != (row.event_id, row.prev_hash, row.hash):
            return None
        event = _readable(row.payload)
        if event is None or (self.key is not None and (row.at, own) <= self.key):
            return None
        self.last, self.key = row.hash, (row.at, own)
        recorded = _envelope(row, event)
        return Proven(
            stored=StoredRecord(seq=row.seq, prev_hash=row.prev_hash, hash=row.hash, recorded=recorded)
        )

    def _witnesses(self, row: EventRow, following: EventRow | None) -> frozenset[str]:
        """Return what is written about the hash of a row: in itself, and in what comes after it."""
        if following is not None and following.seq == row.seq + 1:
            return frozenset((row.hash, following.prev_hash))
        return frozenset((row.hash, self.end.hash)) if row.seq == self.end.seq else frozenset((row.hash,))

    def _read(self, row: EventRow, witnesses: frozenset[str]) -> Proven | Broken:
        own = event_hash(row.payload, at=row.at, run_id=row.run_id, actor=row.actor)
        ids = chain(dict.fromkeys((row.event_id, own)), flipped(row.event_id))
        chained = ((one, link(self.last, row.seq, one)) for one in ids)
        event_id, hashed = next(((one, h) for one, h in chained if h in witnesses), ("", ""))
        if not event_id:
            self.last, self.key = row.hash, None
            return Broken(first=row.seq, last=row.seq, problem="does not continue the chain", row=row)
        previous, self.last = self.last, hashed
        try:
            recorded, problems = self._recorded(row._replace(event_id=event_id), sound=own == event_id)
        except ValidationError as error:
            self.key = None
            why = error.errors(include_url=False)[0]["msg"]
            unknown = f"is no event that is known here: {why}"
            return Broken(first=row.seq, last=row.seq, problem=unknown, row=row)
        if self.key is not None and recorded.key <= self.key:
            return Broken(first=row.seq, last=row.seq, problem="is not later than the one before", row=row)
        self.key = recorded.key
        stored = StoredRecord(seq=row.seq, prev_hash=previous, hash=hashed, recorded=recorded)
        return Proven(stored=stored, problems=(*problems, *_columns(row, stored)))

    def _recorded(self, row: EventRow, *, sound: bool) -> tuple[Recorded, tuple[str, ...]]:
        if sound:
            return _envelope(row, decode(row.payload)), ()
        event = _readable(row.payload)
        if event is not None and is_erased(event):
            return _envelope(row, event), ()
        if isinstance(event, SetAside):
            return stand_in(row, event, self.key), ()
        whole = mended(row) if self.in_vain < _MOST_MENDED else None
        if whole is not None:
            return _envelope(whole, decode(whole.payload)), (_FLIPPED,)
        self.in_vain += 1
        return stand_in(row, told(row.payload), self.key), ("does not match its hash",)


_FLIPPED = "has one flipped bit; its hash tells which, so it is read as it was written"


def stand_in(row: EventRow, event: SetAside, key: Key | None) -> Recorded:
    """Return what stands in for a damaged record: after the one with `key`, whatever its own time was."""
    at, before = key or (row.at, "")
    return Recorded(
        event_id=row.event_id,
        at=at if row.event_id > before else at + 1,
        run_id="damaged record",
        actor="playbox",
        event=event,
    )


def told(payload: str) -> SetAside:
    """Return what can be told of a payload that is damaged: what it may have been about.

    Nothing, unless it still names the bullet that events of every kind name.
    """
    subject = _SUBJECT.search(payload)
    if subject is None:
        return SetAside()
    return SetAside(bullets=(subject[1], *_OTHERS.findall(payload)), adds=_ADDS in payload)


def identified(row: EventRow) -> EventRow:
    """Return the row with the id of what is in it where the one in it is what is damaged.

    Once its texts are erased, nothing else tells the id.
    """
    own = event_hash(row.payload, at=row.at, run_id=row.run_id, actor=row.actor)
    return row._replace(event_id=own) if link(row.prev_hash, row.seq, own) == row.hash else row


def sound(row: EventRow) -> Recorded | None:
    """Return the event of a row whatever its place in the chain, None if it does not match its hash."""
    matches = event_hash(row.payload, at=row.at, run_id=row.run_id, actor=row.actor) == row.event_id
    event = _readable(row.payload)
    if event is not None and (matches or is_erased(event) or isinstance(event, SetAside)):
        return _envelope(row, event)
    whole = mended(row)
    return None if whole is None else _envelope(whole, decode(whole.payload))


def _readable(payload: str) -> PlaybookEvent | None:
    try:
        return decode(payload)
    except ValidationError:
        return None


def _envelope(row: EventRow, event: PlaybookEvent) -> Recorded:
    return Recorded(event_id=row.event_id, at=row.at, run_id=row.run_id, actor=row.actor, event=event)


def _columns(row: EventRow, stored: StoredRecord) -> Iterator[str]:
    """Yield which hashes in the row are not those that the records around it prove."""
    pairs = {
        "event_id": (row.event_id, stored.recorded.event_id),
        "prev_hash": (row.prev_hash, stored.prev_hash),
        "hash": (row.hash, stored.hash),
    }
    return (_DAMAGED.format(name) for name, (written, real) in pairs.items() if written != real)


_DAMAGED = "has a damaged {}, which the records around it prove; it is read as it was written"


def _with_next(rows: Iterable[EventRow]) -> Iterator[tuple[EventRow, EventRow | None]]:
    iterator = iter(rows)
    row = next(iterator, None)
    while row is not None:
        following = next(iterator, None)
        yield row, following
        row = following
