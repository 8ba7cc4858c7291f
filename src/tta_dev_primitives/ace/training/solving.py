"""Solving: one task with a fixed playbook, and its result; a model's unusable answer is a task not solved."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ...core.context import WorkflowContext
from ...core.errors import DeadlineExceeded, PlayboxError
from ..content import tokens
from ..loop import Loop
from ..playbook import Playbook
from ..progress import StrategiesChosen
from ..record import Run
from ..selection import Selection
from ..task import Task
from .result import Part, TaskResult
from .watch import ANSWERED_BADLY, Watch

A = TypeVar("A")
B = TypeVar("B")

UNANSWERED = "unanswered"
"""The verdict of a task for which the model gave no program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """A task and its run; no run, and why, if the model gave no program at all."""

    task: Task
    run: Run | None
    why: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A playbook that several tasks see, measured once."""

    playbook: Playbook
    tokens: int

    @classmethod
    def of(cls, playbook: Playbook) -> Shown:
        """Return `playbook` with the tokens of its strategies."""
        return cls(playbook=playbook, tokens=sum(tokens(bullet.content) for bullet in playbook.active))


async def solve(loop: Loop, run: Run, watch: Watch, context: WorkflowContext) -> Solved:
    """Return the run after its attempts.

    Raises:
        PlayboxError: an outage, or a limit that is reached: it says nothing about the task.
    """
    since = time.perf_counter()
    version, why = run.playbook.version, ""
    chosen = StrategiesChosen(task_id=run.task.id, selection=run.selection, playbook_version=version)
    try:
        with context.span("task") as inside:
            inside.emit(chosen)
            async for attempted in loop.attempts(run, inside):
                run = attempted
    except ANSWERED_BADLY as error:
        why = f"{type(error).__name__}: {error}"
    except PlayboxError as error:
        watch.note(error)
        raise
    watch.check()
    if run.cut_short:
        raise DeadlineExceeded(run.cut_short)
    solved = replace(run, pending=None, cut_short=why) if run.attempts else None
    return Solved(task=run.task, run=solved, why=why, seconds=time.perf_counter() - since)


async def in_flight(
    most: int, work: Callable[[A], Awaitable[B]], items: Sequence[A], watch: Watch
) -> list[B]:
    """Return what `work` makes of each of `items`, in their order, with at most `most` under way at once.

    Raises:
        PlayboxError: the first failure, once everything under way has ended. Nothing new is begun after it.
    """
    free = asyncio.Semaphore(most)

    async def one(item: A) -> B | PlayboxError:
        async with free:
            try:
                watch.check()
                return await work(item)
            except PlayboxError as error:
                watch.note(error)
                return error

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(item)) for item in items]
    watch.check()
    return [task.result() for task in tasks]  # type: ignore[misc]  # an error would have been raised


def new_run(run_id: str, part: Part, task: Task, playbook: Playbook, selection: Selection) -> Run:
    """Return a run that has the same id whenever this part of this run is done again."""
    return Run(
        task=task, playbook=playbook, selection=selection, episode_id=episode_id(run_id, part, task.id)
    )


def episode_id(run_id: str, part: Part, task_id: str) -> str:
    """Return the id of the episode of a task in a part of a run, 32 hexadecimal digits."""
    return hashlib.sha256(f"{run_id}\0{part.scope}\0{task_id}".encode(errors="replace")).hexdigest()[:32]


def result_of(part: Part, position: int, solved: Solved, shown: Shown, *, stored: bool) -> TaskResult:
    """Return the result of a task; `stored` if its episode is kept in the playbook."""
    run = solved.run
    usage = run.usage if run else None
    return TaskResult(
        phase=part.phase,
        epoch=part.epoch,
        window=part.window,
        position=position,
        task_id=solved.task.id,
        family=solved.task.family,
        success=run.last.verdict.success if run else False,
        first_try=run.first_try if run else False,
        attempts=len(run.attempts) if run else 0,
        probes=len(run.probes) if run else 0,
        calls=usage.calls if usage else 0,
        input_tokens=usage.input_tokens if usage else 0,
        cached_tokens=usage.cached_tokens if usage else 0,
        output_tokens=usage.output_tokens if usage else 0,
        usd=usage.usd if usage else None,
        seconds=solved.seconds,
        verdict=run.last.verdict.kind.value if run else UNANSWERED,
        error_signature=run.attempts[0].verdict.error_signature if run else solved.why.partition(":")[0],
        playbook_version=shown.playbook.version,
        playbook_size=shown.playbook.size,
        playbook_tokens=shown.tokens,
        episode_id=run.episode_id if run and stored else "",
    )


def only_once(task: Task) -> Task:
    """Return the task with one attempt."""
    return task.model_copy(update={"max_iterations": 1})
