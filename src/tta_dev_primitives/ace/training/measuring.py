"""Measuring: tasks done with a playbook that stays as it is; nothing is learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...core.context import WorkflowContext
from ..loop import Loop
from ..options import AceOptions
from ..playbook import Playbook
from ..selection import select
from ..task import Task
from .ledger import Ledger
from .progress import PartStarted, TaskDone
from .result import Part, TaskResult
from .solving import Shown, Solved, in_flight, new_run, result_of, solve
from .transcript import transcript
from .watch import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Measuring:
    """Does tasks and writes their results into `ledger`."""

    run_id: str
    ledger: Ledger
    watch: Watch
    at_once: int

    async def measure(  # noqa: PLR0913  # tasks, and all that they are done with
        self,
        part: Part,
        tasks: Sequence[Task],
        playbook: Playbook,
        *,
        loop: Loop,
        options: AceOptions,
        context: WorkflowContext,
        first: int = 0,
    ) -> tuple[TaskResult, ...]:
        """Return a result a task, in order; what has a result already is not done again.

        `first` is the position of the first of `tasks` within the epoch.

        Raises:
            PlayboxError: an outage, or a limit that is reached; the same call goes on where this one stopped.
        """
        places = {task.id: first + number for number, task in enumerate(tasks)}
        left = [task for task in tasks if self.ledger.get(part, task.id) is None]
        shown = Shown.of(playbook)

        async def do(task: Task) -> None:
            run = new_run(
                self.run_id, part, task, playbook, select(playbook, task, options, index=loop.index)
            )
            solved: Solved = await solve(loop, run, self.watch, context)
            result = result_of(part, places[task.id], solved, shown, stored=False)
            self.ledger.record(result, transcript(part, solved, result, secrets=context.secrets.now))
            context.emit(TaskDone(result=result))

        if left:
            context.emit(PartStarted(part=part, tasks=len(left)))
        await in_flight(self.at_once, do, left, self.watch)
        results = (self.ledger.get(part, task.id) for task in tasks)
        return tuple(result for result in results if result is not None)
