"""Turns: tells runs of one task on one playbook apart, so that each draws lots of its own."""

from __future__ import annotations

from typing import Final

_REMEMBERED: Final = 10_000
"""So many pairs of a task and a version are kept, the latest ones; older ones come up no more."""


class Turns:
    """Counts the runs of each task on each version of a playbook.

    Runs that are under way at once see the same version. With the same lots they would be one run that counts
    as many, and what does nothing would look proven.
    """

    def __init__(self) -> None:
        self._taken: dict[tuple[str, int], int] = {}

    def next(self, task_id: str, version: int) -> int:
        """Return the number of this run among its like, from 0."""
        turn = self._taken.pop((task_id, version), 0)
        self._taken[task_id, version] = turn + 1
        if len(self._taken) > _REMEMBERED:
            del self._taken[next(iter(self._taken))]
        return turn
