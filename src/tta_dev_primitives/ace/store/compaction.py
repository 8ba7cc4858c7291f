"""Compaction: the payloads of old events go to an archive; what they made of the playbook stays, proved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from ..events import Compacted
from ..playbook import Playbook
from .archive import write_archive
from .base import ArchiveRow, BaseRow, base_digest, base_payload
from .faults import corrupt
from .kept import BEGINNING, Checkpoint, chained
from .ledger import sound_base
from .protocol import StoredRecord
from .rows import Rows
from .uncollected import uncollected

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
class Moved:
    """What was moved: the event that says so, and the base that stands for it."""

    event: Compacted
    payload: str

    def base(self, anchor: int) -> BaseRow:
        """Return the base that the event at `anchor` names."""
        return BaseRow(self.event.version, self.event.hash, anchor)


def is_due(rows: Rows, *, since: int, until: int) -> bool:
    """Return whether anything but notes of earlier compactions happened after `since` up to `until`."""
    return any('"type":"compacted"' not in row.payload for row in rows.events(since=since, until=until))


def move_out(rows: Rows, place: str, *, until: int, archive: Path) -> Moved:
    """Move the payloads up to version `until` to `archive`, which is safe on disk before one is removed.

    All that is moved is checked and folded again: no snapshot is believed.

    Raises:
        PlaybookCorrupt: an event or the base is damaged; nothing was moved.
    """
    begin = _begin(rows, place)
    since = begin.playbook.version
    with uncollected():
        end = _folded(
            begin,
            chained(place, rows.events(since=since, until=until), since=since, last=begin.hash, until=until),
        )
    write_archive(archive, rows.events(since=since, until=until))
    rows.empty_events(since=since, until=until)
    rows.append_archive(ArchiveRow(since + 1, until, str(archive)))
    payload = base_payload(end.playbook)
    event = Compacted(version=until, hash=end.hash, base=base_digest(payload), archive=archive.name)
    return Moved(event=event, payload=payload)


def _begin(rows: Rows, place: str) -> Checkpoint:
    base = rows.base()
    if base is None:
        return BEGINNING
    found = sound_base(rows, base)
    if found is None:
        raise corrupt(place, f"the base at version {base.seq} is not the one that was noted")
    return found


def _folded(begin: Checkpoint, stored: Iterator[StoredRecord]) -> Checkpoint:
    playbook, last = begin.playbook, begin.hash
    while part := tuple(islice(stored, _PART)):
        playbook, last = _extended(playbook, part), part[-1].hash
    return Checkpoint(playbook=playbook, hash=last)


def _extended(playbook: Playbook, part: Iterable[StoredRecord]) -> Playbook:
    return playbook.extend(item.recorded for item in part)
