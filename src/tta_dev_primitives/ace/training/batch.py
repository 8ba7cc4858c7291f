"""A batch: tasks that are solved and reflected on side by side, all with the same version of the playbook.

What they teach is then curated and stored one after the other, in the order of the tasks: so the playbook
does not depend on which answer came first, and a batch that was interrupted goes on to the same end.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...core.context import WorkflowContext
from ...llm.types import Usage
from ..attempt import Attempt, Generation
from ..delta import Delta, Outcome
from ..episode import AttemptRecord, Episode
from ..evaluator import Judgement
from ..evidence.belief import Beliefs
from ..evidence.lifecycle import Decided
from ..learning import Reflected
from ..loop import Loop
from ..options import AceOptions
from ..playbook import Playbook
from ..record import Run, added_contents, episode_of, observations_of
from ..selection import select
from ..store import Commit, PlaybookStore
from ..task import Task
from ..verdict import Verdict, VerdictKind
from .history import History
from .ledger import Ledger
from .progress import PartStarted, TaskDone
from .result import Part
from .solving import Shown, Solved, episode_id, in_flight, new_run, result_of, solve
from .transcript import Taught, transcript
from .watch import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Tasks that learn from the same version; `first` is the position of the first of them in the epoch."""

    part: Part
    tasks: tuple[Task, ...]
    first: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """Learns from batches: `store` gets what they teach, `ledger` their results."""

    run_id: str
    ledger: Ledger
    store: PlaybookStore
    history: History
    watch: Watch
    options: AceOptions
    at_once: int

    async def learn(self, batch: Batch, loop: Loop, context: WorkflowContext) -> int:
        """Do what is left to do of `batch`, and return the version of the playbook that it saw.

        Raises:
            PlayboxError: an outage, or a limit that is reached; what is stored is sound, and the same call
                goes on where this one stopped.
        """
        await self.history.refresh()
        base = await self.base(batch)
        left = [task for task in batch.tasks if not self._finished(batch.part, task)]
        if left:
            context.emit(PartStarted(part=batch.part, tasks=len(left)))
            shown, beliefs = Shown.of(base), await self._beliefs(batch, base)

            async def begin(task: Task) -> Solved:
                selection = select(base, task, self.options, beliefs, index=loop.index)
                run = new_run(self.run_id, batch.part, task, base, selection)
                return await solve(loop, run, self.watch, context)

            solved = await in_flight(self.at_once, begin, left, self.watch)
            reflected = await self._reflect(batch, loop, solved, context)
            for one, lesson in zip(solved, reflected, strict=True):
                await self._keep(batch, loop, shown, solved=one, reflected=lesson, context=context)
        return base.version

    async def _beliefs(self, batch: Batch, base: Playbook) -> Beliefs:
        """Return what is believed of the strategies as the batch begins."""
        experience = self.history.before(self._ids(batch))
        return await asyncio.to_thread(experience.beliefs, base)

    def _ids(self, batch: Batch) -> frozenset[str]:
        return frozenset(episode_id(self.run_id, batch.part, task.id) for task in batch.tasks)

    async def base(self, batch: Batch) -> Playbook:
        """Return the playbook that the batch sees: the latest one, or that of its results so far."""
        results = [self.ledger.get(batch.part, task.id) for task in batch.tasks]
        version = next((result.playbook_version for result in results if result is not None), None)
        return await (self.store.load() if version is None else self.store.at_version(version))

    def _finished(self, part: Part, task: Task) -> bool:
        """Tell whether a task's result is there and, where it has an episode, that is stored as well."""
        result = self.ledger.get(part, task.id)
        return result is not None and (
            not result.episode_id or self.history.get(result.episode_id) is not None
        )

    async def _reflect(
        self, batch: Batch, loop: Loop, solved: Sequence[Solved], context: WorkflowContext
    ) -> list[Reflected | None]:
        """Return what each run teaches, if those before it in the batch leave something to learn."""
        episodes = {one.task.id: episode_of(one.run, context) for one in solved if one.run is not None}
        ids = self._ids(batch)
        record = self.history.before(ids).record

        async def reflect(one: Solved) -> Reflected | None:
            if one.run is None:
                return None
            earlier = [self._episode(batch.part, task, episodes) for task in _before(batch.tasks, one.task)]
            seen = record.extended(filter(None, earlier))
            success = one.run.last.verdict.success
            other = self.history.other_ending(one.task.id, ids, success=success)
            told = _contrasted(one.run, other) if other else one.run
            reflected = await loop.reflect(told, seen, context)
            return replace(reflected, run=replace(reflected.run, attempts=one.run.attempts))

        return await in_flight(self.at_once, reflect, solved, self.watch)

    def _episode(self, part: Part, task: Task, new: dict[str, Episode]) -> Episode | None:
        return new.get(task.id) or self.history.get(episode_id(self.run_id, part, task.id))

    async def _keep(  # noqa: PLR0913  # all that one task came to
        self,
        batch: Batch,
        loop: Loop,
        shown: Shown,
        *,
        solved: Solved,
        reflected: Reflected | None,
        context: WorkflowContext,
    ) -> None:
        """Curate what a task teaches; write its transcript and its result, then store it."""
        position = batch.first + batch.tasks.index(solved.task)
        if reflected is None:
            result = result_of(batch.part, position, solved, shown, stored=False)
            self.ledger.record(result, transcript(batch.part, solved, result, secrets=context.secrets.now))
            context.emit(TaskDone(result=result))
            return
        playbook = await self.store.load()
        learned = await loop.curate(reflected, playbook, context)
        self.watch.check()
        outcomes = _outcomes(playbook, learned.delta, self.run_id)
        episode = episode_of(learned.run, context)
        decided = await self._decided(playbook, learned.delta, episode)
        whole = replace(solved, run=learned.run)
        result = result_of(batch.part, position, whole, shown, stored=True)
        text = transcript(
            batch.part,
            whole,
            result,
            Taught(reflected=reflected, outcomes=tuple(outcomes), decisions=decided.decisions),
            secrets=context.secrets.now,
        )
        commit = Commit(
            run_id=self.run_id,
            delta=learned.delta,
            tags=learned.tags,
            observations=observations_of(learned.run),
            decisions=decided.decisions,
            seals=decided.seals,
            episode=episode,
        )
        # The result first: if the process is killed between the two, the batch knows its version, and what is
        # stored again changes nothing.
        self.ledger.record(result, text)
        await self.store.commit(commit)
        context.emit(TaskDone(result=result, learned=added_contents(outcomes), decided=decided.decisions))

    async def _decided(self, playbook: Playbook, delta: Delta | None, episode: Episode) -> Decided:
        """Return what the evidence decides with this episode, on the strategies as its delta leaves them."""
        await self.history.refresh()
        if not self.history.experience.due:
            return Decided()
        if delta is not None:
            playbook = playbook.apply(delta, at=0, run_id=self.run_id).playbook
        return await asyncio.to_thread(self.history.experience.decided, episode, playbook)


def _before(tasks: Sequence[Task], task: Task) -> Sequence[Task]:
    return tasks[: tasks.index(task)]


def _outcomes(playbook: Playbook, delta: Delta | None, run_id: str) -> Sequence[Outcome]:
    """Return what the store will answer; nobody else writes to a run's playbook."""
    return () if delta is None else playbook.apply(delta, at=time.time_ns(), run_id=run_id).outcomes


def _contrasted(run: Run, other: Episode) -> Run:
    """Return the run as it is reflected on: after the last program of a run that ended the other way."""
    attempts = [replace(attempt, number=attempt.number + 1) for attempt in run.attempts]
    return replace(run, attempts=(_earlier(other.attempts[-1], run), *attempts))


def _earlier(record: AttemptRecord, run: Run) -> Attempt:
    verdict = Verdict(kind=VerdictKind(record.verdict), score=record.score, feedback=record.feedback)
    generation = Generation(code=record.code, cited=(), usage=Usage(), source=run.source)
    return Attempt(number=1, generation=generation, judgement=Judgement(verdict=verdict, executions=()))
