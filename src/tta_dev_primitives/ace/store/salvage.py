"""Salvage: the history that the sound rows of a damaged file make, and what of it is lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ...core.errors import PlaybookCorrupt
from ..episode import Episode
from ..erasure import subjects
from ..events import Add, Recorded, SetAside, record, union
from ..playbook import Playbook
from .damage import Damage
from .faults import faults
from .kept import Head, RowFault, read_episode
from .records import Broken, Proven, Start, sound, walk
from .wreck import Wreck, read_wreck

_RUN: Final = "salvage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvaged:
    """What makes the new playbook, `playbook`; `losses` are all that is not in it or not sure.

    Where records are lost, strategies that they may have been about are in doubt, and are not used.
    """

    records: tuple[Recorded, ...]
    episodes: tuple[Episode, ...]
    losses: tuple[Damage, ...]
    playbook: Playbook

    @property
    def doubted(self) -> tuple[str, ...]:
        """The display ids of the strategies that are not used because of what is lost."""
        return tuple(bullet.alias for bullet in self.playbook.bullets.values() if bullet.damaged)


def salvage(path: Path) -> Salvaged:
    """Return all that can be read of the playbook at `path`, however damaged; the file is not changed.

    Raises:
        PlaybookCorrupt: nothing can be read.
        StoreError: the file itself cannot be read.
    """
    with faults(path):
        path.stat()  # raises if there is none
        wreck = read_wreck(path)
    if not (wreck.events or wreck.episodes):
        raise PlaybookCorrupt(
            f"no record of {str(path)!r} can be read, so nothing is left to salvage; it was not changed; "
            "restore it from a backup or an export"
        )
    reading = _Reading(wreck=wreck)
    episodes = tuple(reading.episodes())
    records = reading.records(episodes)
    return Salvaged(
        records=records,
        episodes=episodes,
        losses=tuple(reading.losses),
        playbook=Playbook.fold(records),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gap:
    """Records `first` to `last` are lost; `before` is what was read before them."""

    first: int
    last: int
    before: int


@dataclass(slots=True, kw_only=True)
class _Reading:
    wreck: Wreck
    losses: list[Damage] = field(default_factory=list[Damage])
    moved: frozenset[int] = frozenset()

    def episodes(self) -> Iterator[Episode]:
        """Yield the sound episodes, oldest first, and note the others."""
        expected = 1
        for seq, payload, digest in self.wreck.episodes:
            for missing in range(expected, seq):
                self._lose("episodes", missing, "it cannot be read")
            expected = seq + 1
            try:
                yield read_episode(payload, digest)
            except RowFault as fault:
                self._lose("episodes", seq, f"it {fault}")

    def records(self, episodes: Sequence[Episode]) -> tuple[Recorded, ...]:
        """Return the sound events, and what stands in for the others."""
        found, gaps = list[Recorded](), list[_Gap]()
        rows = sorted(self.wreck.events)
        end = self.wreck.head or Head(seq=rows[-1].seq if rows else 0)
        if self.wreck.head is None:
            self._lose("head", None, "it cannot be read, so it is not known which record is the last")
        self.moved = self._moved()
        for one in walk(rows, start=Start(), until=max(end.seq, rows[-1].seq if rows else 0), end=end):
            recorded = self._broken(one) if isinstance(one, Broken) else self._proven(one)
            if recorded is not None:
                found.append(recorded)
            elif isinstance(one, Broken):
                gaps.append(_Gap(first=one.first, last=one.last, before=len(found)))
        if self.wreck.log is not None:
            self._lose("log", None, f"it {self.wreck.log}; what was committed after that is lost")
        if self.wreck.log is not None or (self.wreck.head is None and not self.wreck.complete):
            last = rows[-1].seq if rows else 0
            gaps.append(_Gap(first=last + 1, last=last + 1, before=len(found)))
        return union(found, _stand_ins(found, gaps, episodes))

    def _moved(self) -> frozenset[int]:
        """Return which events are in no archive that is at hand, and note that."""
        moved = frozenset(row.seq for row in self.wreck.events if not row.payload)
        if moved:
            problem = (
                f"events {min(moved)} to {max(moved)} were moved to an archive that is not there; put it "
                "beside the damaged file and salvage again"
            )
            self._lose("archives", None, problem)
        return moved

    def _proven(self, one: Proven) -> Recorded:
        for problem in () if one.stored.seq in self.moved else one.problems:
            self._lose("events", one.stored.seq, f"it {problem}")
        return one.stored.recorded

    def _broken(self, one: Broken) -> Recorded | None:
        """Return the event of a row that is not in the chain, if it is as it was written."""
        more = f", as are all up to {one.last}" if one.last > one.first else ""
        self._lose("events", one.first, f"it {one.problem}{more}")
        return None if one.row is None else sound(one.row)

    def _lose(self, table: str, row: int | None, problem: str) -> None:
        self.losses.append(Damage(table=table, row=row, problem=problem))


def _stand_ins(
    found: Sequence[Recorded], gaps: Iterable[_Gap], episodes: Sequence[Episode]
) -> Iterator[Recorded]:
    """Yield what puts in doubt, at each gap, the strategies that the lost records may have been about."""
    playbook, done = Playbook(), 0
    unknown = _never_added(found)
    for gap in gaps:
        later = (item for item in found[done : gap.before] if _is_later(item, playbook))
        playbook, done = playbook.extend(later), gap.before
        at = playbook.head[0] + 1 if playbook.head else 0
        doubted = _in_doubt(playbook, gap, episodes)
        if doubted:
            yield record(SetAside(bullets=doubted), at=at, run_id=_RUN, actor="playbox")
        for lost in unknown:
            yield record(SetAside(bullets=(lost,), adds=True), at=at, run_id=_RUN, actor="playbox")
        unknown = ()


def _never_added(found: Iterable[Recorded]) -> tuple[str, ...]:
    """Return the bullets that records are about, though none of them added them."""
    added, named = set[str](), dict[str, None]()
    for item in found:
        event = item.event
        if isinstance(event, Add):
            added.add(event.bullet)
        elif isinstance(event, SetAside):
            added.update(event.bullets[:1] if event.adds else ())
        else:
            named.update(dict.fromkeys(sorted(subjects(event))))
    return tuple(bullet for bullet in named if bullet not in added)


def _is_later(item: Recorded, playbook: Playbook) -> bool:
    return playbook.head is None or item.key > playbook.head


def _in_doubt(playbook: Playbook, gap: _Gap, episodes: Iterable[Episode]) -> tuple[str, ...]:
    """Return the bullets that were there before the gap and that no later run had in the same wording.

    A run is only given strategies that are in use then, so what it was given had not been switched off.
    """
    given = {
        (choice.bullet_id, choice.revision)
        for episode in episodes
        if episode.playbook_version >= gap.last
        for choice in episode.choices
    }
    return tuple(
        bullet.id
        for bullet in playbook.bullets.values()
        if not bullet.forgotten and (bullet.id, bullet.revision) not in given
    )
