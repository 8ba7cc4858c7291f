"""Practice: tasks done for what can be seen of them, by arms that keep something else than a playbook."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from ...ace.options import Reflect
from ...ace.playbook import Playbook
from ...ace.selection import select
from ...ace.task import Task
from ...ace.training.batch import Batch
from ...ace.training.config import Mode
from ...ace.training.open_run import OpenRun, opened
from ...ace.training.progress import TaskDone
from ...ace.training.result import Part, Phase
from ...ace.training.solving import Shown, Solved, in_flight, new_run, result_of, solve
from ...ace.training.trainer import Plan as TrainingPlan
from ...ace.training.trainer import batches
from ...ace.training.transcript import transcript
from ...core.context import WorkflowContext
from ...llm.types import LanguageModel, Role
from .runs import begun, timed
from .site import Briefing, Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """An open training run without a playbook, `at_once` tasks at a time."""

    run: OpenRun
    at_once: int
    context: WorkflowContext

    def batches(self) -> Iterator[Batch]:
        """Yield the tasks, batch after batch, all epochs."""
        for epoch in range(1, self.run.config.epochs + 1):
            yield from batches(Phase.TRAIN, self.run.tasks.train, epoch, self.at_once)

    def model(self, part: Part, role: Role) -> LanguageModel:
        """Return the model of `role`; its answers are kept, and found again."""
        workshop = self.run.workshop
        return workshop.journal.within(part.scope, workshop.watch.within(workshop.models[role]))

    async def solve(self, batch: Batch, note: str) -> list[Solved]:
        """Do the tasks of `batch` with `note` in their context, and write their results."""
        part, workshop, shown = batch.part, self.run.workshop, Shown.of(Playbook())
        options = replace(workshop.options, reflect=Reflect.NEVER, probes=0)
        loop = workshop.loop(part.scope, options)

        async def do(task: Task) -> Solved:
            given = task.model_copy(update={"context": f"{task.context.strip()}\n\n{note}".strip()})
            selection = select(shown.playbook, given, options)
            run = new_run(self.run.config.run_id, part, given, shown.playbook, selection)
            solved = await solve(loop, run, workshop.watch, self.context)
            return replace(solved, task=task)

        done = await in_flight(self.at_once, do, batch.tasks, workshop.watch)
        for number, solved in enumerate(done):
            result = result_of(part, batch.first + number, solved, shown, stored=False)
            told = transcript(part, solved, result, secrets=self.context.secrets.now)
            self.run.ledger.record(result, told)
            self.context.emit(TaskDone(result=result))
        return done


@asynccontextmanager
async def practising(site: Site, context: WorkflowContext, *, at_once: int) -> AsyncGenerator[Practice]:
    """Yield a practice on the problem's training tasks; it is finished when the block is."""
    plan = TrainingPlan(mode=Mode.OFFLINE, epochs=site.plan.epochs, in_flight=at_once)
    briefing = Briefing(options=site.plan.options)
    with timed(site.training):
        folder = await begun(site, site.training, site.problem.train, plan, briefing)
        with opened(folder, site.means, context.budget) as run:
            yield Practice(run=run, at_once=at_once, context=context)
            run.conclude()
