"""SelfLearningCodePrimitive: generate, run, judge, reflect, curate, keep. The loop of this package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from ..core.budget import Budget
from ..core.context import WorkflowContext
from ..core.errors import (
    ConfigurationError,
    ModelError,
    PlayboxError,
    SandboxError,
    StoreError,
)
from ..core.primitive import WorkflowPrimitive
from ..core.redaction import redact_stored
from ..llm.models import AnyModel, RoleModels
from ..sandbox.open import open_sandbox
from ..sandbox.types import NO_ENVS, Limits, Sandbox
from ..sandbox.with_envs import WithEnvs
from ..settings import Settings
from .keeper import Keeper
from .learning import Learned
from .loop import Loop
from .meaning import connect_meanings
from .options import AceOptions
from .playbook import Playbook
from .progress import PlaybookChanged, StrategiesChosen
from .record import Run, episode_of, observations_of, result_of
from .result import LearningResult
from .selection import select
from .store import Commit, PlaybookStore, open_store
from .store.place import place_of
from .task import Task, TaskInput, parse_task
from .turns import Turns
from .vocabulary import NO_VOCABULARY, Vocabulary


class SelfLearningCodePrimitive(WorkflowPrimitive[TaskInput, LearningResult]):
    """Writes code with learned strategies, really runs it, and learns from what happened.

        learner = SelfLearningCodePrimitive()
        result = await learner.execute({"task": "...", "language": "python"}, WorkflowContext())
        result["code_generated"], result.execution_success

    What is not given comes from the environment (see `Settings`). `playbook_file` is a .json or .db path or a
    postgresql:// address, by default `.playbox/playbook.db` below the working directory. `model` is a model
    string or object for all roles, `models` one per role. `sandbox` is a name or a `Sandbox`; what was passed
    in is left open by `aclose`. `envs` is the environment of every program; its values reach no model, no
    store and no trace. `budget` is one account for all calls of this learner; the settings' is fresh for each
    call. `vocabulary` are the words by which what is learned is found again, beside those that a model names.
    """

    def __init__(  # noqa: PLR0913  # each has a good default; one place to set them beats a builder
        self,
        playbook_file: Path | str | None = None,
        *,
        model: AnyModel | None = None,
        models: RoleModels | None = None,
        sandbox: Sandbox | str | None = None,
        envs: Mapping[str, str] = NO_ENVS,
        store: PlaybookStore | None = None,
        limits: Limits | None = None,
        budget: Budget | None = None,
        options: AceOptions | None = None,
        settings: Settings | None = None,
        vocabulary: Vocabulary = NO_VOCABULARY,
    ) -> None:
        if playbook_file is not None and store is not None:
            named = str(place_of(playbook_file))
            raise ConfigurationError(f"give playbook_file={named!r} or a store, not both")
        self._settings = settings or Settings.from_environment()
        self._model, self._models = model, models
        self._own_sandbox = isinstance(sandbox, str | None)
        self._sandbox = (
            open_sandbox(sandbox or self._settings.sandbox, self._settings)
            if isinstance(sandbox, str | None)
            else sandbox
        )
        self._runs_in = WithEnvs(self._sandbox, envs) if envs else self._sandbox
        self._own_store = store is None
        place = place_of(playbook_file) if playbook_file is not None else self._settings.playbook
        self._store = store or open_store(place)
        self._limits, self._budget = limits or Limits(), budget
        self._options, self._vocabulary = options or AceOptions(), vocabulary
        self._loop: Loop | None = None
        self._keeper, self._turns = Keeper(self._store, self._options), Turns()

    async def _execute(self, data: TaskInput, context: WorkflowContext) -> LearningResult:
        task = parse_task(data)
        Commit(run_id=context.workflow_id)  # a name that cannot be stored is refused before a model is paid
        loop, context = self._connect(), self._with_budget(context)
        await loop.prepare(task)
        run = await self._begin(loop, task, context)
        try:
            async for attempted in loop.attempts(run, context):
                run = attempted
            reflected = await loop.reflect(run, await self._keeper.record(), context)
            run = reflected.run
            learned = await loop.curate(reflected, run.playbook, context)
        except (ModelError, SandboxError, ConfigurationError) as error:
            await self._keep_unfinished(run, error, context)
            raise
        return await self._keep(learned, context)

    async def _begin(self, loop: Loop, task: Task, context: WorkflowContext) -> Run:
        """Load the playbook and draw the strategies."""
        playbook = await self._keeper.load()
        beliefs = await self._keeper.beliefs(playbook)
        turn = self._turns.next(task.id, playbook.version)
        selection = select(playbook, task, self._options, beliefs, index=loop.index, turn=turn)
        context.emit(
            StrategiesChosen(task_id=task.id, selection=selection, playbook_version=playbook.version)
        )
        return Run(task=task, playbook=playbook, selection=selection)

    async def _keep(self, learned: Learned, context: WorkflowContext) -> LearningResult:
        """Store delta, tags, observations, what they decide, and the episode in one transaction."""
        run = learned.run
        commit = Commit(
            run_id=context.workflow_id,
            delta=learned.delta,
            tags=learned.tags,
            observations=observations_of(run),
            episode=episode_of(run, context),
        )
        try:
            kept = await self._keeper.keep(commit)
        except StoreError as error:
            error.add_note(f"the run is not stored; its program, {_told(run, context)}")
            raise
        committed = kept.committed
        context.emit(
            PlaybookChanged(
                task_id=run.task.id,
                outcomes=committed.outcomes,
                decisions=kept.decided.decisions,
                playbook_version=committed.playbook.version,
                playbook_size=committed.playbook.size,
            )
        )
        return result_of(run, committed.playbook, committed.outcomes, await self._keeper.record())

    async def _keep_unfinished(self, run: Run, error: PlayboxError, context: WorkflowContext) -> None:
        """Store the attempts that were judged before `error`, and tell their last program with it."""
        if not run.attempts:
            return
        error.add_note(f"the last program that was judged, {_told(run, context)}")
        unfinished = replace(run, cut_short=str(error)) if run.unsolved else run
        try:
            await self._keep(Learned(run=unfinished), context)
        except StoreError as also:
            error.add_note(f"and the run could not be stored: {also}")

    @property
    def playbook(self) -> Playbook:
        """The playbook as last loaded or committed; read from the store at the first use."""
        return self._keeper.known_playbook

    @property
    def playbook_size(self) -> int:
        """How many strategies are in use."""
        return self.playbook.size

    @property
    def success_rate(self) -> float:
        """Share of the stored runs that succeeded, 0..1, as known since the last execute.

        Where a task has no checks, success is a program that ends without an error.
        """
        return self._keeper.known_record.success_rate

    @property
    def improvement_score(self) -> float:
        """Measured first-try success with strategies minus without, -1..1; 0.0 until there are both."""
        return self._keeper.known_record.score

    async def aclose(self) -> None:
        """Free the sandbox and the store, unless they were passed in. Idempotent."""
        if self._own_sandbox:
            await self._sandbox.aclose()
        if self._own_store:
            await self._store.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def _connect(self) -> Loop:
        """Connect the models at the first use, so that making a learner needs neither key nor network."""
        if self._loop is None:
            self._loop = Loop.connect(
                model=self._model,
                models=self._models,
                sandbox=self._runs_in,
                limits=self._limits,
                options=self._options,
                settings=self._settings,
                vocabulary=self._vocabulary,
                meanings=connect_meanings(self._settings, self._store),
            )
        return self._loop

    def _with_budget(self, context: WorkflowContext) -> WorkflowContext:
        """Return the context with its own budget, the learner's, or a fresh one that the settings name."""
        if context.budget is None:
            return replace(context, budget=self._budget or self._settings.budget())
        if self._budget is not None:
            raise ConfigurationError("give a budget to the learner or to the context, not to both")
        return context


def _told(run: Run, context: WorkflowContext) -> str:
    """Return how the last program of a run was judged, and the program, for a note."""
    last = run.without(context.secrets.now).last
    return f"{last.verdict.kind}:\n{redact_stored(last.code)}"
