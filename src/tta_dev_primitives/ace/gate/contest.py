"""Contest: versions of the playbook on the same held-out tasks, champion and empty playbook among them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import NamedTuple

from ..playbook import Playbook
from ..task import Task
from .options import GateOptions
from .plays import Plays, together
from .report import Match, Pair

EMPTY = Playbook()
"""No strategies at all: what every playbook has to be better than."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    """How a version stands against champion and empty playbook, and the champion against the latter."""

    options: GateOptions
    against_champion: Match
    against_empty: Match
    champion_against_empty: Match

    @property
    def better(self) -> bool:
        """True if the version is better than the champion, by the evidence."""
        return self.against_champion.e_better >= self.options.e_value

    @property
    def clearly_worse(self) -> bool:
        """True if it is worse than the champion or the empty playbook, by the evidence."""
        least = self.options.e_value
        return max(self.against_champion.e_worse, self.against_empty.e_worse) >= least

    @property
    def lost_families(self) -> tuple[str, ...]:
        """The families of tasks that it lost against the champion."""
        return self.against_champion.lost_families(self.options.family_losses)

    @property
    def worse(self) -> bool:
        """True if it is to be rolled back."""
        return self.clearly_worse or (not self.better and bool(self.lost_families))

    @property
    def empty_is_best(self) -> bool:
        """True if the empty playbook is better than the version or the champion, by the evidence."""
        least = self.options.e_value
        return max(self.against_empty.e_worse, self.champion_against_empty.e_worse) >= least


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """One opening of the gate: `tasks`, in the order in which they are played."""

    options: GateOptions
    champion: Playbook
    tasks: tuple[Task, ...]
    plays: Plays

    async def play(self, playbook: Playbook) -> Standings:
        """Play the tasks until the evidence decides, or there are no more tasks or plays."""
        rows: list[_Row] = []
        for start in range(0, len(self.tasks), self.options.in_flight):
            part = self.tasks[start : start + self.options.in_flight]
            played = await together(lambda task: self._row(playbook, task), part)
            rows += [row for row in played if row is not None]
            standings = self._standings(rows)
            if standings.better or standings.clearly_worse or self.plays.spent:
                return standings
        return self._standings(rows)

    async def _row(self, playbook: Playbook, task: Task) -> _Row | None:
        """Play one task with each, one after the other, as they may see the same; with none if one cannot."""
        results: list[bool] = []
        for each in (playbook, self.champion, EMPTY):
            result = await self.plays.result(each, task)
            if result is None:
                return None
            results.append(result)
        new, champion, empty = results
        return _Row(task=task, new=new, champion=champion, empty=empty)

    def _standings(self, rows: Sequence[_Row]) -> Standings:
        return Standings(
            options=self.options,
            against_champion=Match(pairs=tuple(_pair(row.task, row.champion, row.new) for row in rows)),
            against_empty=Match(pairs=tuple(_pair(row.task, row.empty, row.new) for row in rows)),
            champion_against_empty=Match(
                pairs=tuple(_pair(row.task, row.empty, row.champion) for row in rows)
            ),
        )


def mixed(tasks: Iterable[Task], seed: int) -> tuple[Task, ...]:
    """Return the tasks in an order that `seed` decides, of each family in turn."""
    families: dict[str, list[Task]] = defaultdict(list)
    for task in sorted(tasks, key=lambda task: hashlib.sha256(f"{seed}\0{task.id}".encode()).digest()):
        families[task.family].append(task)
    turns = zip_longest(*(families[name] for name in sorted(families)))
    return tuple(task for task in chain.from_iterable(turns) if task is not None)


class _Row(NamedTuple):
    task: Task
    new: bool
    champion: bool
    empty: bool


def _pair(task: Task, base: bool, new: bool) -> Pair:  # noqa: FBT001  # which is which stands in the pair
    return Pair(task_id=task.id, family=task.family, base=base, new=new)
