"""What was moved out of a playbook, checked: its places in the chain, the base, and the archives at hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ...core.errors import PlaybookArchiveMissing, PlaybookCorrupt
from ..erasure import is_erased, subjects
from ..events import Recorded, SetAside
from ..playbook import Playbook
from .archive import read_archive, read_archived
from .base import ArchiveRow, anchored, read_base, without_texts
from .chain import GENESIS, link
from .damage import Damage
from .kept import RowFault, is_as_written
from .records import Key, stand_in
from .rows import MovedRows, Rows

_PART: Final = 1_000  # events that are folded at a time


@dataclass(slots=True, kw_only=True)
class Moved:
    """What stands for the events up to `seq`: `playbook`, where the chain has `hash`.

    `emptied` are the events, by place, whose texts are erased, with the bullets that they are about; `erased`
    the bullets of the base without theirs. `folded` is what the archives make, if they are all at hand, up to
    the event with `key`.
    """

    seq: int = 0
    hash: str = GENESIS
    playbook: Playbook = field(default_factory=Playbook)
    damages: list[Damage] = field(default_factory=list[Damage])
    missing: tuple[str, ...] = ()
    emptied: list[tuple[int, frozenset[str]]] = field(default_factory=list[tuple[int, frozenset[str]]])
    erased: frozenset[str] = frozenset()
    folded: Playbook | None = field(default_factory=Playbook)
    key: Key | None = None

    def compared(self, gone: frozenset[str]) -> Iterator[Damage]:
        """Yield what is wrong with the base, now that it is known which bullets are `gone`."""
        if not self.erased <= gone:
            yield Damage(
                table="base", row=None, problem="it was emptied, and nothing says that it was forgotten"
            )
        if self.folded is None or self.damages:
            return
        if without_texts(self.folded, gone) != without_texts(self.playbook, gone):
            yield Damage(table="base", row=None, problem="it shows something else than the archived events")

    def note(self, table: str, row: int | None, problem: str) -> None:
        """Add a damage."""
        self.damages.append(Damage(table=table, row=row, problem=problem))

    def chain(self, rows: Rows) -> None:
        """Check the places in the chain of the events that were moved."""
        seq, last = 0, GENESIS
        for row in rows.events(since=0, until=self.seq):
            if row.seq != seq + 1:
                self.note("events", seq + 1, "it is missing")
            elif row.hash != link(last, row.seq, row.event_id):
                self.note("events", row.seq, "it does not continue the chain")
            elif row.payload:
                self.note("events", row.seq, "it was moved to an archive, yet it is here")
            seq, last = row.seq, row.hash
        if seq < self.seq:
            self.note("events", seq + 1, f"it is missing, as are all up to {self.seq}")
        elif last != self.hash:
            self.note("events", seq, "its hash is not the one that the base has")

    def base(self, rows: Rows, kept: MovedRows) -> None:
        """Check the base, and that the chain names it."""
        row, payload = kept.base, kept.payload()
        found = read_base(row, payload)
        if found is None:
            self.note("base", None, "it does not parse, or is of another version than it says")
        elif not anchored(row, payload, rows.events(since=row.anchor - 1, until=row.anchor)):
            self.note("base", None, f"it is not the one that event {row.anchor} of the chain names")
        if found is not None:
            checkpoint, self.erased = found
            self.playbook = checkpoint.playbook

    def archive(self, rows: Rows, archive: ArchiveRow) -> None:
        """Check what `archive` has of each event, and fold it."""
        part = list[Recorded]()
        try:
            for recorded in self._archived(rows, archive):
                part.append(recorded)
                if len(part) >= _PART:
                    self._fold(part)
        except PlaybookArchiveMissing:
            self.missing, self.folded = (*self.missing, archive.place), None
        except PlaybookCorrupt as error:
            self.note(f"archive {Path(archive.place).name}", None, str(error))
            self.folded = None
        self._fold(part)

    def _archived(self, rows: Rows, archive: ArchiveRow) -> Iterator[Recorded]:
        with closing(read_archive(Path(archive.place))) as lines:
            for row in rows.events(since=archive.first - 1, until=archive.last):
                line = next((line for line in lines if line.seq >= row.seq), None)
                try:
                    recorded = read_archived(row, line)
                except RowFault as fault:
                    self.note(f"archive {Path(archive.place).name}", row.seq, f"it {fault}")
                    self.folded = None
                    continue
                if is_erased(recorded.event):
                    self.emptied.append((row.seq, subjects(recorded.event)))
                if line is not None and isinstance(recorded.event, SetAside) and not is_as_written(line):
                    recorded = stand_in(line, recorded.event, self.key)
                self.key = recorded.key
                yield recorded

    def _fold(self, part: list[Recorded]) -> None:
        if self.folded is not None:
            self.folded = self.folded.extend(part)
        part.clear()


def read_moved(rows: Rows) -> Moved:
    """Return what is found of the events that were moved; nothing, if none were."""
    kept = rows.moved()
    if kept is None:
        return Moved(folded=None)
    row, moved = kept.base, Moved(seq=kept.base.seq, hash=kept.base.hash)
    moved.chain(rows)
    moved.base(rows, kept)
    last = 0
    for archive in kept.archives():
        if archive.first != last + 1:
            moved.note("archives", archive.first, "it does not begin where the one before ends")
        last = archive.last
        moved.archive(rows, archive)
    if last != row.seq:
        moved.note("archives", None, f"they end with event {last}, not with the base at {row.seq}")
    return moved
