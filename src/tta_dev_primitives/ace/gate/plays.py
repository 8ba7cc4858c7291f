"""Plays: a version of the playbook tries a task; nothing is paid for twice, and outages count for nobody."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from ...core.errors import (
    ModelOutputInvalid,
    ModelRefused,
    ModelUnavailable,
    PlayboxError,
    SandboxError,
    StoreError,
)
from ..failures import SPENT
from ..options import AceOptions
from ..playbook import Playbook
from ..relevance import RelevanceIndex
from ..selection import select
from ..task import Task
from .report import Skipped

A = TypeVar("A")
B = TypeVar("B")

_OUTAGES = (ModelUnavailable, ModelOutputInvalid, ModelRefused, SandboxError, StoreError)
_TRIES = 2


class Play(Protocol):
    """Plays a task with a frozen playbook."""

    async def __call__(self, playbook: Playbook, task: Task, /) -> bool:
        """Return whether the first program succeeds.

        Raises:
            ModelError, SandboxError, StoreError: an outage, which says nothing about the playbook.
            BudgetExceeded, DeadlineExceeded: there is no more to play with.
        """
        ...


class Shown(Protocol):
    """Tells what of a playbook a task sees."""

    def __call__(self, playbook: Playbook, task: Task, /) -> Sequence[str]:
        """Return the texts that a prompt for `task` shows; what is shown again need not be played again."""
        ...


def shown_by(options: AceOptions) -> Shown:
    """Return what a task sees where chance decides on nothing: all strategies that are relevant to it."""
    certain, index = replace(options, inclusion=1.0, hold_out=0.0), RelevanceIndex()

    def shown(playbook: Playbook, task: Task) -> Sequence[str]:
        return [bullet.content for bullet in select(playbook, task, certain, index=index).bullets]

    return shown


class Plays:
    """Results of plays, kept in `results` by what the task sees; at most `most` plays are made."""

    def __init__(self, play: Play, shown: Shown, results: MutableMapping[str, bool], *, most: int) -> None:
        self._play, self._shown, self._results, self._most = play, shown, results, most
        self.made, self.saved, self.spent = 0, 0, ""
        self.skipped: list[Skipped] = []

    async def result(self, playbook: Playbook, task: Task) -> bool | None:
        """Return whether the first program succeeds, or None if that could not be found out.

        Not for two calls at once with the same task: the second would not know of the first.
        """
        key = _key(self._shown(playbook, task), task)
        if key in self._results:
            self.saved += 1
            return self._results[key]
        for tries_left in reversed(range(_TRIES)):
            if not self._may_play():
                return None
            try:
                self._results[key] = await self._play(playbook, task)
            except _OUTAGES as error:
                if not tries_left:
                    self.skipped.append(Skipped(task_id=task.id, reason=f"{type(error).__name__}: {error}"))
            except SPENT as error:
                self.spent = str(error)
            else:
                return self._results[key]
        return None

    def _may_play(self) -> bool:
        if not self.spent and self.made >= self._most:
            self.spent = f"all {self._most} plays are made"
        self.made += not self.spent
        return not self.spent


async def together(work: Callable[[A], Awaitable[B]], items: Iterable[A]) -> list[B]:
    """Return what `work` makes of each item, in their order, all under way at once.

    Raises:
        PlayboxError: the first failure, in the order of the items, once all have ended.
    """

    async def one(item: A) -> B | PlayboxError:
        try:
            return await work(item)
        except PlayboxError as error:
            return error

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(item)) for item in items]
    results = [task.result() for task in tasks]
    failed = next((result for result in results if isinstance(result, PlayboxError)), None)
    if failed is not None:
        raise failed
    return [result for result in results if not isinstance(result, PlayboxError)]


def _key(shown: Sequence[str], task: Task) -> str:
    parts = (repr(task.model_dump()), *shown)
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part.encode(errors="replace")).digest())
    return digest.hexdigest()
