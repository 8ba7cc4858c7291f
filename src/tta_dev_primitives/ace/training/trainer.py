"""Trainer: epochs or windows over a task set, and the version of the playbook that did best."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ...core.context import WorkflowContext
from ..playbook import Playbook
from ..store import PlaybookStore
from ..task import Task
from .batch import Batch, Learning
from .config import Mode
from .gating import played_in
from .history import History
from .ledger import Ledger
from .measuring import Measuring
from .result import Part, Phase, TaskResult
from .solving import only_once
from .split import Split
from .steps import BatchDone, Steps
from .task_set import TaskSet
from .workshop import Workshop


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How the tasks are gone through; see `Mode` and `RunConfig`."""

    mode: Mode = Mode.OFFLINE
    epochs: int = 1
    in_flight: int = 1
    window: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Validated:
    """A version of the playbook and how the validation tasks went with it."""

    epoch: int
    version: int
    first_tries: int
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What training came to: `version` of the playbook did best, the earliest of equals.

    Without validation it is the last version.
    """

    playbook: Playbook
    version: int
    validations: tuple[Validated, ...]


class Trainer:
    """Trains the playbook in `store`; all it makes is in `ledger`, the store and the workshop's journals.

    The same call after a kill goes on where it stopped.
    """

    def __init__(  # noqa: PLR0913  # what a run is made of
        self,
        *,
        run_id: str,
        plan: Plan,
        workshop: Workshop,
        store: PlaybookStore,
        ledger: Ledger,
        steps: Steps,
    ) -> None:
        self._run_id, self._plan, self._workshop = run_id, plan, workshop
        self._store, self._ledger, self._steps = store, ledger, steps
        self._history = History(store, workshop.options)
        self._measuring = Measuring(
            run_id=run_id, ledger=ledger, watch=workshop.watch, at_once=plan.in_flight
        )
        self._learning = Learning(
            run_id=run_id,
            ledger=ledger,
            store=store,
            history=self._history,
            watch=workshop.watch,
            options=workshop.options,
            at_once=plan.in_flight,
        )

    async def train(self, tasks: Split, context: WorkflowContext) -> Trained:
        """Train on `tasks.train`, and choose the best version by `tasks.validation`.

        Raises:
            PlayboxError: an outage, or a limit that is reached; what is stored is sound.
        """
        context = replace(context, workflow_id=self._run_id)
        await self._prepare(tasks)
        if self._plan.mode is Mode.ONLINE:
            return await self._online(tasks.train, context)
        return await self._offline(tasks, context)

    async def _prepare(self, tasks: Split) -> None:
        """Refuse what cannot be run here before a model is paid."""
        loop = self._workshop.loop("", self._workshop.options)
        for task in (*tasks.train.tasks, *(tasks.validation.tasks if tasks.validation else ())):
            await loop.prepare(task)

    async def _offline(self, tasks: Split, context: WorkflowContext) -> Trained:
        validations = await self._validate(0, tasks.validation, context)
        for epoch in range(1, self._plan.epochs + 1):
            for batch in batches(Phase.TRAIN, tasks.train, epoch, self._plan.in_flight):
                await self._learn(batch, tasks.train, context)
            validations += await self._validate(epoch, tasks.validation, context)
        playbook = await self._store.load()
        # max() returns the first of equals, which is the earliest version.
        best = max(validations, key=lambda one: one.first_tries, default=None)
        version = playbook.version if best is None else best.version
        return Trained(playbook=playbook, version=version, validations=validations)

    async def _online(self, tasks: TaskSet, context: WorkflowContext) -> Trained:
        """Test each window with what was learned before it, then learn from it.

        All of a window sees one version, so what was asked for the test is the first attempt of training.
        """
        for batch in batches(Phase.TRAIN, tasks, 1, self._plan.window):
            test = batch.part.model_copy(update={"phase": Phase.TEST})
            playbook = await self._learning.base(batch)
            once = [only_once(task) for task in batch.tasks]
            await self._measure(test, once, playbook, context, first=batch.first)
            await self._learn(batch, tasks, context, after=[test.scope])
        playbook = await self._store.load()
        return Trained(playbook=playbook, version=playbook.version, validations=())

    async def _learn(
        self, batch: Batch, tasks: TaskSet, context: WorkflowContext, *, after: Sequence[str] = ()
    ) -> None:
        """Learn from a batch, then do the steps that look at it as a whole."""
        loop = self._workshop.loop(batch.part.scope, self._workshop.options, after=after)
        before = await self._learning.learn(batch, loop, context)

        async def done(playbook: Playbook) -> BatchDone:
            await self._history.refresh()
            return BatchDone(
                part=batch.part,
                tasks=tasks.tasks[: batch.first + len(batch.tasks)],
                results=self._ledger.results(),
                before=before,
                playbook=playbook,
                experience=self._history.experience,
                workshop=self._workshop,
            )

        await self._steps.after(batch.part, done, context)

    async def _validate(
        self, epoch: int, tasks: TaskSet | None, context: WorkflowContext
    ) -> tuple[Validated, ...]:
        if tasks is None:
            return ()
        part = Part(phase=Phase.VALIDATION, epoch=epoch)
        known = [one for one in self._ledger.results(Phase.VALIDATION) if one.epoch == epoch]
        playbook = await (self._store.at_version(known[0].playbook_version) if known else self._store.load())
        # Where the strategies for a task are those of an earlier validation or gate, so is the answer.
        before = played_in(self._ledger.results(), before=part)
        once = [only_once(task) for task in tasks.tasks]
        results = await self._measure(part, once, playbook, context, after=before)
        solved = sum(result.first_try for result in results)
        return (Validated(epoch=epoch, version=playbook.version, first_tries=solved, n=len(results)),)

    async def _measure(  # noqa: PLR0913  # tasks, and all that they are done with
        self,
        part: Part,
        tasks: Sequence[Task],
        playbook: Playbook,
        context: WorkflowContext,
        *,
        first: int = 0,
        after: Sequence[str] = (),
    ) -> tuple[TaskResult, ...]:
        options = self._workshop.certain
        loop = self._workshop.loop(part.scope, options, after=after)
        return await self._measuring.measure(
            part,
            tasks,
            playbook,
            loop=loop,
            options=options,
            context=context,
            first=first,
        )


def batches(phase: Phase, tasks: TaskSet, epoch: int, size: int) -> Iterator[Batch]:
    """Yield the tasks of an epoch in batches of `size`, in order."""
    for window, first in enumerate(range(0, len(tasks), size)):
        part = Part(phase=phase, epoch=epoch, window=window)
        yield Batch(part=part, tasks=tasks.tasks[first : first + size], first=first)


def planned(plan: Plan, tasks: Split) -> int:
    """Return how many results a whole run has."""
    validation = len(tasks.validation) if tasks.validation else 0
    if plan.mode is Mode.ONLINE:
        return 2 * len(tasks.train)
    return plan.epochs * len(tasks.train) + (plan.epochs + 1) * validation
