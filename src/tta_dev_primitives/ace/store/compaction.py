"""Compaction: the payloads of old events go to an archive; what they made of the playbook stays, proved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from ..events import Compacted
from ..playbook import Playbook
from ..uncollected import uncollected
from .archive import write_archive
from .base import ArchiveRow, BaseRow, base_digest, base_payload
from .faults import corrupt
from .kept import BEGINNING, Checkpoint
from .ledger import sound_base
from .protocol import StoredRecord
from .records import Start, unharmed
from .rows import Rows
from .sqlite_rows import SqliteRows

KEEP: Final = 1_000
"""Versions whose events stay in the playbook."""
_PART: Final = 1_000  # events that are folded at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Compaction:
    """What a compaction did: `events` were moved to `archive`, all up to `version`; sizes are in bytes.

    Where nothing was old enough, `archive` is None. `shrunk` is False where the file could not be written
    anew yet: a reader was at it, or the disk is full.
    """

    version: int
    events: int = 0
    archive: Path | None = None
    before: int = 0
    after: int = 0
    shrunk: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """What is in an archive that was made: `row` says which events, `payload` is the playbook after them."""

    event: Compacted
    payload: str
    row: ArchiveRow

    def leave(self, rows: SqliteRows, anchor: int) -> None:
        """Take what is archived out of `rows`, where the event at `anchor` says so."""
        rows.move(BaseRow(self.event.version, self.event.hash, anchor), self.payload, self.row)


def is_due(rows: Rows, *, since: int, until: int) -> bool:
    """Return whether anything but notes of earlier compactions happened after `since` up to `until`."""
    return any('"type":"compacted"' not in row.payload for row in rows.events(since=since, until=until))


def archive_events(rows: Rows, place: str, *, until: int, archive: Path) -> Archived:
    """Write the events up to version `until` to `archive`; when it returns they are safe on disk there.

    All of them are checked and folded again: no snapshot is believed.

    Raises:
        PlaybookCorrupt: an event or the base is damaged; there is no archive.
    """
    begin = _begin(rows, place)
    since = begin.playbook.version
    found = rows.events(since=since, until=until)
    with uncollected():
        start = Start(seq=since, hash=begin.hash, key=begin.playbook.head)
        end = _folded(begin, unharmed(place, found, start=start, until=until, end=rows.head()))
    write_archive(archive, rows.events(since=since, until=until))
    payload = base_payload(end.playbook)
    event = Compacted(version=until, hash=end.hash, base=base_digest(payload), archive=archive.name)
    return Archived(event=event, payload=payload, row=ArchiveRow(since + 1, until, str(archive)))


def _begin(rows: Rows, place: str) -> Checkpoint:
    moved = rows.moved()
    if moved is None:
        return BEGINNING
    found = sound_base(rows, moved)
    if found is None:
        raise corrupt(place, f"the base at version {moved.base.seq} is not the one that was noted")
    return found


def _folded(begin: Checkpoint, stored: Iterator[StoredRecord]) -> Checkpoint:
    playbook, last = begin.playbook, begin.hash
    while part := tuple(islice(stored, _PART)):
        playbook, last = _extended(playbook, part), part[-1].hash
    return Checkpoint(playbook=playbook, hash=last)


def _extended(playbook: Playbook, part: Iterable[StoredRecord]) -> Playbook:
    return playbook.extend(item.recorded for item in part)
