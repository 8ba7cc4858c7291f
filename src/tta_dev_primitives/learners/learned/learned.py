"""Learned: gives any step a playbook."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any, Final, Self

from ...ace.curator import Curator
from ...ace.keeper import Keeper
from ...ace.meaning import connect_meanings
from ...ace.options import AceOptions
from ...ace.playbook import Playbook
from ...ace.progress import PlaybookChanged, StrategiesChosen
from ...ace.reflector import Reflector
from ...ace.relevance import RelevanceIndex
from ...ace.selection import observations
from ...ace.store import Commit, PlaybookStore, open_store
from ...ace.trial import Trial
from ...core.budget import Budget
from ...core.context import WorkflowContext, new_id
from ...core.errors import (
    ConfigurationError,
    InvalidTask,
    PlayboxError,
    RunHalted,
    StoreError,
)
from ...core.primitive import In, LambdaPrimitive, Operand, Out, WorkflowPrimitive, as_step
from ...core.secrets import Secrets
from ...llm.models import AnyModel, RoleModels, connect_roles
from ...llm.types import Role
from ...sandbox.types import Sandbox
from ...settings import Settings
from .about import About, in_words
from .drawing import Drawer
from .events import LearningFailed, StepJudged
from .examiner import Examiner, outcome_of_error
from .strategies import with_strategies
from .student import Student, Studied
from .taken import Lived, Taken, episode_of, instructions, told
from .teaching import checked, is_own
from .verdict import Judge

_MAX_EVENT: Final = 1000
"""Characters of a feedback in an event."""
_MISTAKES: Final = (ConfigurationError, InvalidTask)
"""What a judge raises that was written wrongly."""


class Learned(WorkflowPrimitive[In, Out]):
    """Gives `primitive` a playbook: strategies before it runs, a verdict and reflection after.

        answer = Learned(Answer(model), judge=is_right, playbook="answers.db")

    The step reads what was chosen for it by `strategies(context)`. Input, output, errors, state and the
    step's own span are as without the wrapper. Strategies are drawn, logged and decided on as those of
    `SelfLearningCodePrimitive`.

    `judge(input, output)` returns a `StepVerdict`, True or False, or None where nobody can tell; it may be
    async. Exceptions of a type in `learn_from` are failures of the step's own work: they are learned from,
    and come out. Of the errors of this package only `InvalidTask` and `StepNotDone` can be: no outage of a
    model, a sandbox or a store is ever learned from, nor a spent budget or a passed deadline, also where an
    exception was raised from one or groups one.

    `playbook` is a file (.json or .db), the address of a server, or a store, which `aclose` leaves open.
    `describe` puts an input into words, by which strategies are found, and may name its family; `show` does
    so with an output. By default text stands for itself, a pydantic model for its JSON, the rest for its
    `repr`. `model` reflects and curates, or `models` one for each role. `budget` pays for that where the
    context has none; the settings' is fresh for each run. Snippets of code among what is learned are tried in
    `sandbox`, which `aclose` leaves open; without one they wait for a person to admit them.

    Once the step has given its output, that comes out, whatever fails afterwards: what could not be learned
    is told as `LearningFailed`, counted in `failures`, and the last one stands in `last_failure`. An
    exception of the judge itself is a mistake in it, and comes out.
    """

    def __init__(  # noqa: PLR0913  # each has a good default, or none as a default would be a trap
        self,
        primitive: Operand[In, Out],
        *,
        judge: Judge[In, Out],
        playbook: Path | str | PlaybookStore,
        learn_from: type[Exception] | tuple[type[Exception], ...] = (),
        describe: Callable[[In], About | str] | None = None,
        show: Callable[[Out], str] | None = None,
        model: AnyModel | None = None,
        models: RoleModels | None = None,
        budget: Budget | None = None,
        options: AceOptions | None = None,
        settings: Settings | None = None,
        sandbox: Sandbox | None = None,
    ) -> None:
        self._primitive: WorkflowPrimitive[In, Out] = as_step(primitive, "Learned")
        self._examiner = Examiner(self._primitive.name, judge, show or in_words)
        self._learn_from = checked(learn_from)
        self._describe: Callable[[In], About | str] = describe or in_words
        self._own_store = isinstance(playbook, str | Path)
        self._store = open_store(playbook) if isinstance(playbook, str | Path) else playbook
        self._model, self._models, self._budget = model, models, budget
        self._options = options or AceOptions()
        self._settings = settings or Settings.from_environment()
        self._secrets = Secrets(self._settings.secrets())
        self._keeper, self._index = Keeper(self._store, self._options), RelevanceIndex()
        self._drawer = Drawer(self._keeper, self._options, self._index)
        self._trial = Trial(sandbox=sandbox, most=self._options.most_learned)
        self._student: Student | None = None
        self._failures = 0
        self._last_failure: PlayboxError | None = None

    @property
    def name(self) -> str:
        """`Learned` with the name of the step inside."""
        return f"Learned({self._primitive.name})"

    @property
    def children(self) -> Mapping[str, WorkflowPrimitive[Any, Any]]:
        """The step inside."""
        return {"step": self._primitive}

    async def _execute(self, data: In, context: WorkflowContext) -> Out:
        context.secrets.add(self._secrets)
        student, about = self._connect(), self._about(data, context.secrets.now)
        taken = await self._drawer.take(self._primitive.name, about, context)
        version = taken.playbook.version
        context.emit(StrategiesChosen(task_id=about.id, selection=taken.selection, playbook_version=version))
        inner, since = with_strategies(context, taken.selection.bullets).at("step"), perf_counter()
        try:
            output = await self._primitive.execute(data, inner)
        except self._learn_from as error:
            if is_own(error, seconds_left=context.seconds_left()):
                seconds = perf_counter() - since
                again = replace(taken, episode_id=new_id())  # a journal keeps no exception: each is a new run
                lived = Lived(taken=again, outcome=outcome_of_error(error), seconds=seconds)
                await self._guarded(self._learn(student, lived, context), taken, context)
            raise
        seconds = perf_counter() - since

        async def learn(_: str) -> bool:
            outcome = await self._examiner.examine(data, output, context)
            await self._learn(student, Lived(taken=taken, outcome=outcome, seconds=seconds), context)
            return True

        await self._guarded(_once(learn, taken, context), taken, context)
        return output

    async def _guarded(self, learning: Awaitable[object], taken: Taken, context: WorkflowContext) -> None:
        """Await what comes after the step. What fails there takes no result away, unless it is a mistake."""
        try:
            await learning
        except (*_MISTAKES, RunHalted):
            raise
        except PlayboxError as error:
            self._tell(error, taken, context, stored=False)

    async def _learn(self, student: Student, lived: Lived, context: WorkflowContext) -> None:
        """Study what became of the step, and keep it.

        Raises:
            StoreError: it is not stored.
        """
        lived = replace(lived, outcome=lived.outcome.without(context.secrets.now))
        context, taken = self._with_budget(context), lived.taken
        context.emit(
            StepJudged(
                step=taken.step,
                task_id=taken.about.id,
                ending=lived.outcome.ending,
                score=lived.outcome.score,
                feedback=told(lived.outcome.feedback, _MAX_EVENT),
                error=lived.outcome.error,
            )
        )
        studied = await student.study(lived, await self._keeper.record(), context)
        try:
            await self._keep(lived, studied, context)
        except ConfigurationError as error:  # of the store: a strategy was lost meanwhile; it would be again
            self._tell(error, taken, context, stored=False)
            return
        failure = studied.failure
        try:
            await self._keeper.record()
        except StoreError as error:
            failure = error
        if failure is not None:
            self._tell(failure, taken, context, stored=True)

    async def _keep(self, lived: Lived, studied: Studied, context: WorkflowContext) -> None:
        """Store delta, tags, observations, what they decide, and the episode in one transaction."""
        outcome = lived.outcome
        kept = await self._keeper.keep(
            Commit(
                run_id=context.workflow_id,
                delta=studied.delta,
                tags=studied.tags,
                observations=observations(
                    lived.taken.selection, lived.episode_id, success=outcome.success, score=outcome.score
                ),
                episode=episode_of(lived, studied.usage, context, reflected=studied.reflected),
            )
        )
        context.emit(
            PlaybookChanged(
                task_id=lived.taken.about.id,
                outcomes=kept.committed.outcomes,
                decisions=kept.decided.decisions,
                playbook_version=kept.committed.playbook.version,
                playbook_size=kept.committed.playbook.size,
            )
        )

    def _tell(self, error: PlayboxError, taken: Taken, context: WorkflowContext, *, stored: bool) -> None:
        self._failures, self._last_failure = self._failures + 1, error
        context.emit(
            LearningFailed(
                step=taken.step,
                task_id=taken.about.id,
                error_type=type(error).__name__,
                reason=str(error),
                stored=stored,
            )
        )

    @property
    def playbook(self) -> Playbook:
        """The playbook as last loaded or committed; read from the store at the first use."""
        return self._keeper.known_playbook

    @property
    def success_rate(self) -> float:
        """Share of the stored runs that succeeded, 0..1, as known since the last execute."""
        return self._keeper.known_record.success_rate

    @property
    def improvement_score(self) -> float:
        """Measured success with strategies minus without, -1..1; 0.0 until there are both."""
        return self._keeper.known_record.score

    @property
    def failures(self) -> int:
        """How many runs of this object could not be judged, studied or stored; their results stand."""
        return self._failures

    @property
    def last_failure(self) -> PlayboxError | None:
        """Why that was so the last time."""
        return self._last_failure

    async def aclose(self) -> None:
        """Free the store, unless it was passed in. Idempotent. The step inside is its owner's to close."""
        if self._own_store:
            await self._store.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"Learned({self._primitive!r})"

    def _about(self, data: In, secrets: Secrets) -> About:
        described = self._describe(data)
        if isinstance(described, About):
            return described.without(secrets)
        if not isinstance(described, str):  # pyright: ignore[reportUnnecessaryIsInstance]  # users are not typed
            raise ConfigurationError(f"describe returned {described!r}; return text, or About(text=...)")
        return About(text=described).without(secrets)

    def _connect(self) -> Student:
        """Connect the models at the first use, so that wrapping a step needs neither key nor network."""
        if self._student is None:
            options = self._options
            roles = (Role.REFLECTOR, Role.CURATOR)
            connected = connect_roles(self._model, self._models, self._settings, roles=roles)
            reflector = Reflector(connected[Role.REFLECTOR], rounds=options.rounds, told=instructions())
            curator = Curator(
                connected[Role.CURATOR],
                curate=options.curate,
                domain=options.domain,
                meanings=connect_meanings(self._settings, self._store),
            )
            self._student = Student(
                reflector=reflector, curator=curator, options=options, index=self._index, trial=self._trial
            )
        return self._student

    def _with_budget(self, context: WorkflowContext) -> WorkflowContext:
        """Return the context that pays for learning: its own budget, this object's, or a fresh one."""
        if context.budget is not None:
            return context
        return replace(context, budget=self._budget or self._settings.budget())


async def _once(
    learn: Callable[[str], Coroutine[object, object, bool]], taken: Taken, context: WorkflowContext
) -> bool:
    """Do it; in a durable run once only, unless it fails."""
    if context.journal is None:
        return await learn(taken.episode_id)
    step = LambdaPrimitive(learn, name="learning", idempotent=True)
    return await step.execute(taken.episode_id, context.at("?learning"))
