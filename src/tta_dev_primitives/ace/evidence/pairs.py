"""Pairs: which bullets to replay on which tasks, what tells most first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..bullet import Bullet, Status
from ..options import AceOptions
from ..playbook import Playbook
from ..relevance import RelevanceIndex
from ..selection import bearing, relevant_bullets
from ..task import Task
from ..track_record import Tally, TrackRecord
from .belief import Beliefs
from .worth import Stand, worth

_LEAST = 1e-4
"""Worth below which a pair is not run: a ten-thousandth of what it takes to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A task to run twice, with `bullet` and without; `worth` as in worth.py."""

    task: Task
    bullet: Bullet
    worth: float


def choose(
    playbook: Playbook,
    tasks: Iterable[Task],
    beliefs: Beliefs,
    record: TrackRecord,
    options: AceOptions,
) -> list[Pair]:
    """Return the pairs worth running, best first; each bullet once before any comes a second time.

    Candidates and bullets that evidence suspended, on tasks with checks to which they are relevant. None on a
    task on which it was replayed before: a model may answer the same each time, which would prove nothing.
    """
    suspended = [
        b for b in playbook.bullets.values() if b.status is Status.SUSPENDED and b.evidence and not b.damaged
    ]
    by_bullet: dict[str, list[Pair]] = defaultdict(list)
    index = RelevanceIndex()
    for task in {task.id: task for task in tasks if task.checked}.values():
        chance = _chance(record, task.family)
        relevant = relevant_bullets(playbook, task, options, index=index)
        considered = (*relevant, *bearing(suspended, task, options))
        for bullet in _undecided(considered, task):
            value = worth(_stand(bullet, beliefs), chance)
            if value > _LEAST:
                by_bullet[bullet.id].append(Pair(task=task, bullet=bullet, worth=value))
    return _in_turns(by_bullet.values())


def _undecided(bullets: Iterable[Bullet], task: Task) -> Iterator[Bullet]:
    for bullet in bullets:
        replayed = task.id in {replay.task_id for replay in bullet.replays}
        if bullet.status in {Status.CANDIDATE, Status.SUSPENDED} and not replayed:
            yield bullet


def _stand(bullet: Bullet, beliefs: Beliefs) -> Stand:
    return Stand(
        belief=beliefs.of(bullet.id),
        only_with=bullet.replays_won,
        only_without=bullet.replays_lost,
        badge=bullet.status is Status.CANDIDATE,
    )


def _chance(record: TrackRecord, family: str) -> float:
    """Return the chance that the first program for a task of `family` succeeds, never 0 or 1."""
    known = record.families.get(family)
    tally = known.both if known else Tally()
    return (tally.first_tries + 1) / (tally.runs + 2)


def _in_turns(pairs_of: Iterable[list[Pair]]) -> list[Pair]:
    turns = [
        (turn, pair)
        for pairs in pairs_of
        for turn, pair in enumerate(sorted(pairs, key=lambda pair: (-pair.worth, pair.task.id)))
    ]
    turns.sort(key=lambda item: (item[0], -item[1].worth, len(item[1].bullet.alias), item[1].bullet.alias))
    return [pair for _, pair in turns]
