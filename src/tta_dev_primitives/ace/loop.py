"""Loop: the steps of one task, without a store: attempts, reflection, curation.

`SelfLearningCodePrimitive` is a store around it; what trains or compares runs it with a frozen playbook.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Self, TypeVar

from ..core.context import WorkflowContext
from ..core.errors import DeadlineExceeded, SandboxCrashed, SandboxUnavailable
from ..core.secrets import NO_SECRETS, Secrets
from ..llm.models import AnyModel, RoleModels, connect_roles
from ..llm.types import Role
from ..sandbox.listening import secrets_of
from ..sandbox.types import Limits, Sandbox
from ..settings import Settings
from .attempt import Attempt, Probe, ProbeRequest
from .candidates import Candidates
from .curator import Curator
from .drafting import Drafter
from .evaluator import Evaluator
from .failures import SPENT
from .generator import Generator
from .learning import Learned, Learner, Reflected
from .meaning import Meanings
from .options import AceOptions
from .playbook import Playbook
from .probing import Prober
from .progress import AttemptJudged, AttemptStarted, ProbesRun, ProgramWritten, SandboxFailed
from .record import Run
from .reflector import Reflector
from .relevance import RelevanceIndex
from .task import Task
from .track_record import TrackRecord
from .trial import Trial
from .vocabulary import NO_VOCABULARY, Vocabulary

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """Who does the steps, in `sandbox`; a run begins as `Run(task=..., playbook=..., selection=...)`.

    `index` is kept between tasks; give it to `select`. `secrets` are told to the context of each run.
    """

    sandbox: Sandbox
    drafter: Drafter
    prober: Prober
    evaluator: Evaluator
    learner: Learner
    index: RelevanceIndex
    secrets: Secrets = NO_SECRETS

    @classmethod
    def connect(  # noqa: PLR0913  # what a learner is made of, under the same names
        cls,
        *,
        model: AnyModel | None,
        models: RoleModels | None,
        sandbox: Sandbox,
        limits: Limits,
        options: AceOptions,
        settings: Settings,
        vocabulary: Vocabulary = NO_VOCABULARY,
        meanings: Meanings | None = None,
    ) -> Self:
        """Return a loop with its models connected.

        Raises:
            ConfigurationError: a role has no model, or a name is wrong.
        """
        connected = connect_roles(model, models, settings)
        evaluator, index = Evaluator(sandbox, limits), RelevanceIndex()
        generator = Generator(connected[Role.GENERATOR], probes=options.probes)
        candidates = Candidates(sandbox=sandbox, limits=limits, evaluator=evaluator)
        return cls(
            sandbox=sandbox,
            drafter=Drafter(generator=generator, candidates=candidates, count=options.candidates),
            prober=Prober(sandbox=sandbox, limits=limits),
            evaluator=evaluator,
            learner=Learner(
                reflector=Reflector(connected[Role.REFLECTOR], rounds=options.rounds),
                curator=Curator(
                    connected[Role.CURATOR],
                    curate=options.curate,
                    domain=options.domain,
                    vocabulary=vocabulary,
                    meanings=meanings,
                ),
                options=options,
                index=index,
                trial=Trial(sandbox=sandbox, most=options.most_learned),
            ),
            index=index,
            secrets=Secrets(settings.secrets()) | secrets_of(sandbox),
        )

    async def prepare(self, task: Task) -> None:
        """Refuse a task that cannot be run or judged here, before a model is paid for it.

        Raises:
            SandboxUnavailable: its language cannot be run.
            InvalidTask: its workload fails with the given code, or a domain's check can judge no program.
        """
        if task.language not in self.sandbox.languages:
            known = ", ".join(sorted(self.sandbox.languages))
            raise SandboxUnavailable(f"language {task.language!r} cannot be run here; supported: {known}")
        await self.evaluator.prepare(task)

    async def attempts(self, run: Run, context: WorkflowContext) -> AsyncIterator[Run]:
        """Yield the run after each attempt, until it succeeds or may go on no more.

        If the budget or the time is used up, the run ends with what it has.

        Raises:
            ModelError: no program could be had. What was yielded before stands.
            SandboxError: the sandbox failed twice, which says nothing about the program.
            BudgetExceeded, DeadlineExceeded: before the first attempt was judged.
        """
        context.secrets.add(self.secrets)
        while run.unsolved:
            try:
                run = await self._write(run, context)
                run = await self._judge(run, context)
            except SPENT as error:
                if not run.attempts:
                    raise
                run = replace(run, cut_short=str(error))
            yield run

    async def solve(self, run: Run, context: WorkflowContext) -> Run:
        """Return the run after all its attempts; raises as `attempts` does."""
        async for attempted in self.attempts(run, context):
            run = attempted
        return run

    async def reflect(self, run: Run, seen: TrackRecord, context: WorkflowContext) -> Reflected:
        """Return what a run that was solved or given up teaches; see `Learner.reflect`."""
        context.secrets.add(self.secrets)
        return await self.learner.reflect(run, seen, context)

    async def curate(self, reflected: Reflected, playbook: Playbook, context: WorkflowContext) -> Learned:
        """Return the delta that a reflection makes to `playbook`; see `Learner.curate`."""
        context.secrets.add(self.secrets)
        return await self.learner.curate(reflected, playbook, context)

    async def _write(self, run: Run, context: WorkflowContext) -> Run:
        """Write the next program; before the first, run the probes that the model asks for."""
        task, number = run.task, len(run.attempts) + 1
        context.emit(AttemptStarted(task_id=task.id, number=number, most=task.max_iterations))
        move = await self.drafter.next_move(run, context)
        if isinstance(move, ProbeRequest):
            run = replace(run, probes=await self._probe(task, move, context), probing=move.usage)
            move = await self.drafter.next_program(run, context)
        context.emit(ProgramWritten(task_id=task.id, number=number, code=move.code))
        return replace(run, pending=move)

    async def _judge(self, run: Run, context: WorkflowContext) -> Run:
        """Run the pending program and judge it."""
        assert run.pending is not None  # noqa: S101  # the loop writes before it judges
        code = run.pending.code
        judgement = await _patiently(
            lambda: self.evaluator.judge(run.task, code, context),
            run.task,
            context,
            "the program was being judged",
        )
        attempt = Attempt(number=len(run.attempts) + 1, generation=run.pending, judgement=judgement)
        context.emit(AttemptJudged(task_id=run.task.id, attempt=attempt))
        return run.judged(attempt)

    async def _probe(self, task: Task, request: ProbeRequest, context: WorkflowContext) -> tuple[Probe, ...]:
        """Run the probe programs."""
        probes = await _patiently(
            lambda: self.prober.run(task, request.programs, context),
            task,
            context,
            "probes were running",
        )
        context.emit(ProbesRun(task_id=task.id, probes=probes))
        return probes


async def _patiently(
    work: Callable[[], Awaitable[_T]], task: Task, context: WorkflowContext, doing: str
) -> _T:
    """Do `work` within the deadline; once more if the sandbox itself fails."""
    limit = asyncio.timeout(context.seconds_left())
    try:
        async with limit:
            try:
                return await work()
            except SandboxCrashed as error:
                context.emit(SandboxFailed(task_id=task.id, reason=str(error)))
                return await work()
    except TimeoutError:
        if not limit.expired():
            raise
        raise DeadlineExceeded(f"the deadline passed while {doing}") from None
