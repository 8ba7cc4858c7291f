"""What a commit does to a playbook, worked out before anything is written; equal for every store."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from ...core.errors import ConfigurationError
from ..delta import AddBullet, Outcome, Result
from ..episode import Episode
from ..erasure import erase, forgotten, subjects
from ..events import Decision, Gated, Observe, Recorded, Replayed, Restore, Seal, Tag, record
from ..playbook import Playbook
from .protocol import Commit, Committed

_RULE = re.compile(r"[a-z]+:[a-z_]+(?=: )|the snippet does not run by itself")
_Named = Observe | Tag | Replayed | Decision | Seal


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The records and the episode to store, and what the caller gets once they are."""

    records: tuple[Recorded, ...]
    committed: Committed
    episode: Episode | None = None


def plan(playbook: Playbook, commit: Commit, *, at: int) -> Plan:
    """Return what `commit` does to `playbook` at `at`, in nanoseconds since 1970, UTC.

    Raises:
        ConfigurationError: an event names a bullet that the playbook does not have.
    """
    records: tuple[Recorded, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    if commit.delta is not None:
        applied = playbook.apply(commit.delta, at=at, run_id=commit.run_id)
        playbook, records, outcomes = applied.playbook, applied.records, applied.outcomes
    events = _events(playbook, commit, at=playbook.next_at(at))
    committed = Committed(playbook=playbook.extend(events), outcomes=outcomes)
    episode = commit.episode and commit.episode.model_copy(
        update={"added": _added(outcomes), "refused": tuple(_refused(outcomes))}
    )
    return Plan(records=records + events, committed=committed, episode=episode)


def repeated(playbook: Playbook, commit: Commit) -> Committed:
    """Return the answer to a commit whose episode is stored already."""
    operations = commit.delta.operations if commit.delta else ()
    reason = "this episode was committed before"
    outcomes = tuple(Outcome(operation=op, result=Result.DUPLICATE, reason=reason) for op in operations)
    return Committed(playbook=playbook, outcomes=outcomes, repeated=True)


def _added(outcomes: Iterable[Outcome]) -> tuple[str, ...]:
    """Return the ids of the bullets that were really added."""
    return tuple(
        outcome.bullet_id
        for outcome in outcomes
        if outcome.result is Result.APPLIED
        and outcome.bullet_id is not None
        and isinstance(outcome.operation, AddBullet)
    )


def _refused(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Yield the names of the rules by which operations were rejected; no text, as that was refused."""
    for outcome in outcomes:
        if outcome.result is Result.REJECTED:
            yield from (found[0] for found in [_RULE.match(outcome.reason)] if found)


def _events(playbook: Playbook, commit: Commit, *, at: int) -> tuple[Recorded, ...]:
    named = chain(commit.tags, commit.observations, commit.replays, commit.decisions, commit.seals)
    records = (
        record(_by_id(playbook, event), at=at + offset, run_id=commit.run_id, actor=commit.actor)
        for offset, event in enumerate(named)
    )
    return tuple(_without_forgotten(playbook, item) for item in records)


def _without_forgotten(playbook: Playbook, item: Recorded) -> Recorded:
    """Return the record without its texts if another has forgotten the bullet since they were read."""
    bullets = (playbook.bullets.get(reference) for reference in subjects(item.event))
    gone = forgotten(filter(None, bullets))
    return erase(item, gone, playbook.bullets) if gone else item


def _by_id(playbook: Playbook, event: _Named) -> _Named:
    if isinstance(event, Gated):
        return event
    # What is restored is the bullet itself, also if it was merged into another.
    find = playbook.bullets.get if isinstance(event, Restore) else playbook.get
    bullet = find(event.bullet)
    if bullet is None:
        raise ConfigurationError(
            f"{event.type} names the bullet {event.bullet!r}, which the playbook does not have; "
            "give the id or display id of one of its bullets"
        )
    return event.model_copy(update={"bullet": bullet.id})
