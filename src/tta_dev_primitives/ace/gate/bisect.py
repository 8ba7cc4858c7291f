"""Bisecting: which change made a playbook worse, found in as many steps as the number of changes has bits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..playbook import Playbook
from ..task import Task
from .changes import Change, Course
from .plays import Plays, together

_MOST_TASKS = 5
"""Lost tasks that are played again in each step; more would hardly tell more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bisection:
    """Looks for the change after which at least half of `tasks`, which the base of `course` solves, fail."""

    course: Course
    tasks: Sequence[Task]
    plays: Plays
    at_once: int

    async def culprit(self, changes: Sequence[Change]) -> Change | None:
        """Return the first of `changes` that makes it worse, all other changes left out.

        None if outages or the limit of plays leave it open. All of `changes` together make it worse.
        """
        sound, worse = 0, len(changes)
        while worse - sound > 1:
            middle = (sound + worse) // 2
            fails = await self._fails(self.course.with_only(changes[:middle]))
            if fails is None:
                return None
            sound, worse = (sound, middle) if fails else (middle, worse)
        return changes[sound]

    async def _fails(self, playbook: Playbook) -> bool | None:
        async def play(task: Task) -> bool | None:
            return await self.plays.result(playbook, task)

        results: list[bool] = []
        tasks = self.tasks[:_MOST_TASKS]
        for start in range(0, len(tasks), self.at_once):
            played = await together(play, tasks[start : start + self.at_once])
            results += [result for result in played if result is not None]
        if not results or self.plays.spent:
            return None
        return 2 * results.count(False) >= len(results)
