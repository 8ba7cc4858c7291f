"""The next program of a run: one, or after a failure the best of several candidates."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from ..core.context import WorkflowContext
from ..core.errors import ModelError, PlayboxError
from .attempt import Generation, ProbeRequest
from .candidates import Candidates
from .failures import SPENT
from .generator import Generator
from .progress import CandidatesTried
from .record import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafter:
    """Asks `generator` for programs; where `count` is above 1, for so many fixes at once, and tries them."""

    generator: Generator
    candidates: Candidates
    count: int

    async def next_move(self, run: Run, context: WorkflowContext) -> Generation | ProbeRequest:
        """Return the program to judge next, or the probes to run before it where those make sense.

        Raises:
            ModelError, SandboxError: as `next_program`.
        """
        return await (self.next_program(run, context) if run.attempts else self.generator.move(run, context))

    async def next_program(self, run: Run, context: WorkflowContext) -> Generation:
        """Return the program to judge next.

        Raises:
            ModelError: no candidate could be had; where some could, those are tried.
            SandboxError: the sandbox failed.
        """
        if self.count == 1 or not run.attempts:
            return await self.generator.generate(run, context)
        written = await self._write_all(run, context)
        if len(written) == 1:
            return written[0]
        trials = await self.candidates.try_all(run.task, run.last, written, context)
        context.emit(
            CandidatesTried(
                task_id=run.task.id,
                number=len(run.attempts) + 1,
                scores=tuple(trial.score for trial in trials.trials),
                shared_statements=trials.shared,
            )
        )
        return trials.best

    async def _write_all(self, run: Run, context: WorkflowContext) -> Sequence[Generation]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._try_to_write(run, context)) for _ in range(self.count)]
        answers = [task.result() for task in tasks]
        written = [answer for answer in answers if isinstance(answer, Generation)]
        if not written:
            raise next(answer for answer in answers if isinstance(answer, PlayboxError))
        return written

    async def _try_to_write(self, run: Run, context: WorkflowContext) -> Generation | PlayboxError:
        try:
            return await self.generator.generate(run, context)
        except (ModelError, *SPENT) as error:
            return error
