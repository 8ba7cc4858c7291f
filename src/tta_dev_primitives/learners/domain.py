"""DomainLearner: the code learner with what a domain knows: its checks, its words, its starter playbook."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self, TypeVar

from ..ace.cognitive_manager import SelfLearningCodePrimitive
from ..ace.options import AceOptions
from ..ace.playbook import Playbook
from ..ace.result import LearningResult
from ..ace.store import PlaybookStore, open_store
from ..ace.store.place import place_of
from ..ace.task import CodeTask
from ..ace.vocabulary import Vocabulary
from ..core.budget import Budget
from ..core.context import WorkflowContext
from ..core.errors import ConfigurationError, InvalidTask
from ..core.primitive import WorkflowPrimitive
from ..llm.models import AnyModel, RoleModels
from ..sandbox.open import open_sandbox
from ..sandbox.types import Limits, Sandbox
from ..settings import Settings
from .starter import read_starter, starter_commit

T = TypeVar("T", contravariant=True)
_CODE = "code"
_ANY_DOMAIN = AceOptions().domain


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """The name under which a domain's strategies are kept, the words that lead to them, and where it starts.

    `starter` is the package that holds its `starter.json`, or None. `task` is the type of its tasks: with it,
    anything else is refused by name.
    """

    name: str
    vocabulary: Vocabulary
    starter: str | None = None
    task: type | None = None


class DomainLearner(WorkflowPrimitive[T, LearningResult]):
    """Writes code for the typed tasks of one domain, which its own checks judge; learns as the code learner.

    A subclass names its `domain` and says with `code_task` what one of its tasks asks for. Arguments are
    those of `SelfLearningCodePrimitive`; `starter=True` lets the playbook begin with the domain's own
    strategies, as candidates that evidence has yet to validate.
    """

    domain: ClassVar[Domain]

    def __init__(  # noqa: PLR0913  # those of the code learner
        self,
        playbook_file: Path | str | None = None,
        *,
        model: AnyModel | None = None,
        models: RoleModels | None = None,
        sandbox: Sandbox | str | None = None,
        store: PlaybookStore | None = None,
        limits: Limits | None = None,
        budget: Budget | None = None,
        options: AceOptions | None = None,
        settings: Settings | None = None,
        starter: bool = False,
    ) -> None:
        if playbook_file is not None and store is not None:
            named = str(place_of(playbook_file))
            raise ConfigurationError(f"give playbook_file={named!r} or a store, not both")
        if starter and self.domain.starter is None:
            raise ConfigurationError(f"starter={starter!r}: {self.domain.name} has no starter playbook")
        settings = settings or Settings.from_environment()
        self._own_sandbox, self._own_store = isinstance(sandbox, str | None), store is None
        self.sandbox: Sandbox = (
            self.opened(sandbox or settings.sandbox, settings) if isinstance(sandbox, str | None) else sandbox
        )
        place = place_of(playbook_file) if playbook_file is not None else settings.playbook
        self._store = store or open_store(place)
        self.limits = limits or Limits()
        self._adopting = starter
        self._code = SelfLearningCodePrimitive(
            model=model,
            models=models,
            sandbox=self.sandbox,
            store=self._store,
            limits=self.limits,
            budget=budget,
            options=_within(self.domain, options or AceOptions()),
            settings=settings,
            vocabulary=self.domain.vocabulary,
        )

    @staticmethod
    def opened(name: str, settings: Settings) -> Sandbox:
        """Return the sandbox called `name`; a domain may put into it what its programs need."""
        return open_sandbox(name, settings)

    @abstractmethod
    async def code_task(self, task: T) -> CodeTask:
        """Return what `task` asks for, with the domain's checks; it may run programs to find out.

        Raises:
            InvalidTask: no program could do what it asks for, or nobody could tell.
            SandboxError: the sandbox failed.
        """

    @property
    def children(self) -> Mapping[str, WorkflowPrimitive[Any, Any]]:
        """The code learner."""
        return {_CODE: self._code}

    @property
    def code_learner(self) -> SelfLearningCodePrimitive:
        """The learner inside, which takes plain tasks."""
        return self._code

    @property
    def playbook(self) -> Playbook:
        """The playbook as last loaded or committed; read from the store at the first use."""
        return self._code.playbook

    @property
    def playbook_size(self) -> int:
        """Number of active strategies in the playbook."""
        return self._code.playbook_size

    @property
    def success_rate(self) -> float:
        """Share of the stored runs that succeeded, 0..1, as known since the last execute."""
        return self._code.success_rate

    @property
    def improvement_score(self) -> float:
        """Measured first-try success with strategies minus without, -1..1; 0.0 until there are both."""
        return self._code.improvement_score

    async def aclose(self) -> None:
        """Free the sandbox and the store, unless they were passed in. Idempotent."""
        if self._own_sandbox:
            await self.sandbox.aclose()
        if self._own_store:
            await self._store.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _execute(self, data: T, context: WorkflowContext) -> LearningResult:
        wanted = self.domain.task
        if wanted is not None and not isinstance(data, wanted):
            raise InvalidTask(
                f"{type(self).__name__} takes tasks of the type {wanted.__name__}, not {data!r}"
            )
        task = await self.code_task(data)
        await self._adopt_starter()
        return await self._code.execute(task, context.at(_CODE))

    async def _adopt_starter(self) -> None:
        """Let the playbook have the starter's strategies, once; what was retired stays so."""
        if self._adopting and self.domain.starter is not None:
            strategies = read_starter(self.domain.starter)
            await self._store.commit(starter_commit(self.domain.name, strategies))
            self._adopting = False


def _within(domain: Domain, options: AceOptions) -> AceOptions:
    """Return `options` for `domain`; a name of the user's own stays."""
    return replace(options, domain=domain.name) if options.domain == _ANY_DOMAIN else options
