"""What was learned since a version, change by change, and the playbook without some of the changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..events import Add, Alias, Gated, Recorded, Restore, Retire, Revise, Suspend, record
from ..playbook import Playbook
from .rollback import rollback

_LEARNER = "curator"
"""The actor of deltas. What evidence or a person decides has another one, and is not the gate's to undo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Records `start` to `end`, exclusively, of a history: a bullet was added, reworded, merged or retired.

    `event` is the type of the first of them, `event_id` its id and `bullet` what it is about; `touched` are
    all bullets that changed. A merge and the rewording with it are one change.
    """

    start: int
    end: int
    event_id: str
    event: str
    bullet: str
    touched: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How a playbook came from `base`: by `records`, of which `changes` were learned and not undone since."""

    base: Playbook
    records: tuple[Recorded, ...]
    changes: tuple[Change, ...]

    @classmethod
    def of(cls, base: Playbook, records: Sequence[Recorded]) -> Course:
        """Return the course of `records` after `base`."""
        gated = (item.event for item in records if isinstance(item.event, Gated))
        undone = frozenset[str]().union(*(event.undone for event in gated))
        changes = (change for change in _changes(records) if change.event_id not in undone)
        return cls(base=base, records=tuple(records), changes=tuple(changes))

    def undo(self, playbook: Playbook, changes: Iterable[Change]) -> tuple[Suspend | Restore, ...]:
        """Return what undoes `changes`, which happened before `playbook`, the latest ones first."""
        events: list[Suspend | Restore] = []
        for change, before in reversed(self._with_what_was_before(changes)):
            undoing = rollback(playbook, before, only=change.touched)
            playbook = _after(playbook, undoing)
            events.extend(undoing)
        return tuple(events)

    def without(self, playbook: Playbook, changes: Iterable[Change]) -> Playbook:
        """Return `playbook`, a later version, without what `changes` did."""
        return _after(playbook, self.undo(playbook, changes))

    def with_only(self, changes: Sequence[Change]) -> Playbook:
        """Return the playbook as it was after the last of `changes`, without any other change."""
        end = max((change.end for change in changes), default=0)
        kept = {change.start for change in changes}
        others = [change for change in _changes(self.records[:end]) if change.start not in kept]
        return self.without(self.base.extend(self.records[:end]), others)

    def _with_what_was_before(self, changes: Iterable[Change]) -> list[tuple[Change, Playbook]]:
        """Return the changes in order, each with the playbook before it; all records are folded once."""
        pairs: list[tuple[Change, Playbook]] = []
        playbook, at = self.base, 0
        for change in sorted(changes, key=lambda change: change.start):
            playbook, at = playbook.extend(self.records[at : change.start]), change.start
            pairs.append((change, playbook))
        return pairs


def learned(records: Sequence[Recorded]) -> int:
    """Return how many changes of a playbook's bullets were learned in `records`."""
    return sum(1 for _ in _changes(records))


def _after(playbook: Playbook, events: Iterable[Suspend | Restore]) -> Playbook:
    at = playbook.next_at(0)
    recorded = (record(e, at=at + n, run_id="gate", actor="gate") for n, e in enumerate(events))
    return playbook.extend(recorded)


def _changes(records: Sequence[Recorded]) -> Iterator[Change]:
    position = 0
    while position < len(records):
        start, event = position, _learned(records[position])
        position += 1
        if event is None:
            continue
        touched = {event.bullet}
        following = records[position].event if position < len(records) else None
        if (
            isinstance(event, Add | Revise)
            and isinstance(following, Alias)
            and following.into == event.bullet
        ):
            touched.add(following.bullet)
            position += 1
        yield Change(
            start=start,
            end=position,
            event_id=records[start].event_id,
            event=event.type,
            bullet=event.bullet,
            touched=frozenset(touched),
        )


def _learned(item: Recorded) -> Add | Revise | Alias | Retire | None:
    event = item.event
    if isinstance(event, Add | Revise | Alias):
        return event
    return event if isinstance(event, Retire) and item.actor == _LEARNER else None
