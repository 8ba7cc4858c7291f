"""Candidates: try several fixes of a program that failed, and go on with the one that gets furthest.

Where the sandbox has sessions and the program is judged by what it prints, each is tried from the state
before the failure: what all have in common runs once, and each goes on from a checkpoint of that. A trial
chooses, it proves nothing: the program that is chosen is judged from a fresh start like any other.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..core.context import WorkflowContext
from ..core.errors import SandboxCrashed, SandboxError
from ..sandbox.local import Checkpoint, LocalSandbox, Session
from ..sandbox.types import Execution, Limits, Sandbox, Stop
from .attempt import Attempt, Generation
from .equality import same_text, share_of_equal_lines
from .evaluator import Evaluator
from .shared_prefix import Parts, shared_statements, split
from .task import Task

_OWN_PROCESSES = 4
"""Beside one for each branch: the session, two checkpoints, and one to spare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How one candidate did: `score` is 1 for what was asked for, else how close it came, 0..1."""

    generation: Generation
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """All trials, in the order of the candidates; the first `shared` statements of all ran only once."""

    trials: tuple[Trial, ...]
    shared: int

    @property
    def best(self) -> Generation:
        """The candidate that got furthest, the first of equals, at the price of all."""
        best = max(self.trials, key=lambda trial: trial.score).generation
        price = [trial.generation.usage for trial in self.trials]
        return replace(best, usage=sum(price[1:], price[0]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Tries candidates in `sandbox`, within `limits` each."""

    sandbox: Sandbox
    limits: Limits
    evaluator: Evaluator

    async def try_all(
        self,
        task: Task,
        failed: Attempt,
        candidates: Sequence[Generation],
        context: WorkflowContext | None = None,
    ) -> Trials:
        """Return how each of `candidates` does in place of `failed`.

        The listeners of `context` are told of each run from a fresh start.

        Raises:
            SandboxError: the sandbox failed, which says nothing about the candidates.
        """
        if isinstance(self.sandbox, LocalSandbox) and _is_judged_by_output(task):
            # Without sessions in this tier, or if one is lost, a fresh start will do.
            with contextlib.suppress(SandboxError):
                return await self._from_checkpoint(self.sandbox, task, failed, candidates, context)
        return await self._from_the_start(task, candidates, context)

    async def _from_the_start(
        self, task: Task, candidates: Sequence[Generation], context: WorkflowContext | None
    ) -> Trials:
        trials = [
            Trial(generation=one, score=await self._judged(task, one.code, context)) for one in candidates
        ]
        return Trials(trials=tuple(trials), shared=0)

    async def _judged(self, task: Task, code: str, context: WorkflowContext | None) -> float:
        verdict = (await self.evaluator.judge(task, code, context)).verdict
        return 1.0 if verdict.success else min(verdict.score, 0.99)

    async def _from_checkpoint(
        self,
        sandbox: LocalSandbox,
        task: Task,
        failed: Attempt,
        candidates: Sequence[Generation],
        context: WorkflowContext | None,
    ) -> Trials:
        error = failed.judgement.execution.error
        codes = [one.code for one in candidates]
        shared = shared_statements(failed.code, codes, error.line if error else None)
        room = replace(self.limits, processes=len(candidates) + _OWN_PROCESSES)
        async with await sandbox.open_session(files=task.files, limits=room) as session:
            before = await session.run_code(split(failed.code, shared).shared)
            if not before.success:
                # What the failed program could do then it cannot do here; nothing can be shared.
                return await self._from_the_start(task, candidates, context)
            async with await session.checkpoint() as checkpoint:
                scores = await _scores(task, before, checkpoint, [split(code, shared) for code in codes])
        trials = (Trial(generation=one, score=score) for one, score in zip(candidates, scores, strict=True))
        return Trials(trials=tuple(trials), shared=shared)


def _is_judged_by_output(task: Task) -> bool:
    calls = bool(task.cases) or task.tests is not None or bool(task.checks)
    return task.language == "python" and not calls and not task.hidden and task.stdin is None


async def _scores(
    task: Task, before: Execution, checkpoint: Checkpoint, programs: Sequence[Parts]
) -> list[float]:
    """Return a score for each program, all tried at once.

    Raises:
        SandboxCrashed: one was killed. What kills itself may have killed others, and they are not apart here.
    """
    branches = await checkpoint.branch(len(programs))
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_score(task, before, branch, program.rest))
            for branch, program in zip(branches, programs, strict=True)
        ]
    scores = [score for score in (task.result() for task in tasks) if score is not None]
    if len(scores) < len(programs):
        raise SandboxCrashed("a candidate was killed while it was tried")
    return scores


async def _score(task: Task, before: Execution, branch: Session, rest: str) -> float | None:
    """Return how close this branch comes to what is asked for; not to fail at all is half the way.

    None if it was killed.
    """
    try:
        async with branch:
            execution = await branch.run_code(rest)
    except SandboxError:
        return None
    if execution.stop is Stop.SIGNALLED:
        return None
    printed = before.stdout + execution.stdout
    if task.expected_output is None:
        return float(execution.success)
    if execution.success and same_text(task.expected_output, printed):
        return 1.0
    close = share_of_equal_lines(task.expected_output, printed)
    return min(0.99, (execution.success + close) / 2)
