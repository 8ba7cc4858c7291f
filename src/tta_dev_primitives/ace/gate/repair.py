"""Repair: finds what made a playbook worse and undoes it, or all of it where that is not found."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from ..events import Recorded, Restore, Suspend
from ..playbook import Playbook
from .bisect import Bisection
from .changes import Change, Course
from .contest import EMPTY, Contest, Standings
from .report import Culprit, Match
from .rollback import rollback

Records = Callable[[Playbook], Awaitable[Sequence[Recorded]]]
"""Returns the records that led from an earlier version to the one at the gate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """What undoes harm: events for the changes `undone`, of so many `changes` since the base.

    `culprits` are those that bisecting found; none where all had to be undone.
    """

    events: tuple[Suspend | Restore, ...]
    undone: tuple[Change, ...]
    changes: int
    culprits: tuple[Culprit, ...] = ()


async def repair(current: Playbook, contest: Contest, standings: Standings, records: Records) -> Repair:
    """Return what makes `current` no worse than the champion, or than the empty playbook where that is best.

    One change after the other is found and left out, until the rest stands the contest. After
    `most_culprits`, or when the plays are used up, all changes since the base are undone.
    """
    base = EMPTY if standings.empty_is_best else contest.champion
    course = Course.of(base, await records(base))
    blamed: list[Change] = []
    while standings.worse and len(blamed) < contest.options.most_culprits:
        match = standings.against_empty if base is EMPTY else standings.against_champion
        left = [change for change in course.changes if change not in blamed]
        culprit = await _culprit(contest, course, left, match)
        if culprit is None:
            break
        blamed.append(culprit)
        standings = await contest.play(course.without(current, blamed))
    if standings.worse or contest.plays.spent:
        return _everything(current, course)
    return Repair(
        events=course.undo(current, blamed),
        undone=tuple(blamed),
        changes=len(course.changes),
        culprits=tuple(_told(course, change) for change in blamed),
    )


async def _culprit(
    contest: Contest, course: Course, changes: Sequence[Change], match: Match
) -> Change | None:
    lost = {pair.task_id for pair in match.pairs if pair.base and not pair.new}
    tasks = [task for task in contest.tasks if task.id in lost]
    if not changes or not tasks:
        return None
    at_once = contest.options.in_flight
    bisection = Bisection(course=course, tasks=tasks, plays=contest.plays, at_once=at_once)
    return await bisection.culprit(changes)


def _everything(current: Playbook, course: Course) -> Repair:
    touched = frozenset[str]().union(*(change.touched for change in course.changes))
    events = rollback(current, course.base, only=touched)
    return Repair(events=events, undone=course.changes, changes=len(course.changes))


def _told(course: Course, change: Change) -> Culprit:
    after = course.base.extend(course.records[: change.end])
    bullet = after.bullets.get(change.bullet)
    return Culprit(
        version=after.version,
        event=change.event,
        bullet=change.bullet,
        content=bullet.content if bullet is not None else "",
    )
