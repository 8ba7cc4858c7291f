"""Steps after each batch: what looks at it as a whole, such as a gate or replays."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pydantic import Field

from ...core.context import WorkflowContext
from ..experience import Experience
from ..playbook import Playbook
from ..store import Commit, PlaybookStore
from ..task import Task
from ..value import Value
from .lines import Lines
from .result import Part, TaskResult
from .workshop import Workshop


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchDone:
    """A batch whose results are all stored.

    `before` is the version that it saw, `playbook` and `experience` are as they are now. `tasks` are the
    training tasks up to its last one, `results` those of the run so far, its own last.
    """

    part: Part
    tasks: tuple[Task, ...]
    results: tuple[TaskResult, ...]
    before: int
    playbook: Playbook
    experience: Experience
    workshop: Workshop


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDone:
    """What a step comes to: what to store, all in one transaction, and the model calls it took."""

    commit: Commit | None = None
    calls: int = 0


Step: TypeAlias = Callable[[BatchDone, int, WorkflowContext], Awaitable[StepDone]]
"""Called after each batch, with the model calls that the step took after earlier ones. It stores nothing
itself. After a kill it may be called again: the models of the workshop answer as they did."""


class StepMark(Value):
    """A step after the batch `scope` is ready; if it `stores`, its commit follows version `version`."""

    scope: str
    step: int = Field(ge=0)
    version: int = Field(ge=0)
    stores: bool
    calls: int = Field(ge=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Does `steps` after each batch, each once, however often the run is killed."""

    steps: Sequence[Step]
    store: PlaybookStore
    marks: Lines[StepMark]

    async def after(
        self, part: Part, batch: Callable[[Playbook], Awaitable[BatchDone]], context: WorkflowContext
    ) -> None:
        """Do what is left of the steps after the batch `part`, which `batch` tells of.

        Raises:
            PlayboxError: as a step does, or the store.
        """
        for number, step in enumerate(self.steps):
            playbook = await self.store.load()
            if self._done(part, number, playbook.version):
                continue
            done = await step(await batch(playbook), self._calls(part, number), context)
            mark = StepMark(
                scope=part.scope,
                step=number,
                version=playbook.version,
                stores=done.commit is not None,
                calls=done.calls,
            )
            self.marks.add(mark)
            if done.commit is not None:
                await self.store.commit(done.commit)

    def _done(self, part: Part, number: int, version: int) -> bool:
        """Tell whether a step was done: it is ready, and its commit, if it has one, has been stored."""
        ready = [mark for mark in self.marks.values if (mark.scope, mark.step) == (part.scope, number)]
        return bool(ready) and (not ready[-1].stores or version > ready[-1].version)

    def _calls(self, part: Part, number: int) -> int:
        """Return the calls of a step after earlier batches; one that was made ready twice counts once."""
        earlier = [mark for mark in self.marks.values if mark.step == number and mark.scope != part.scope]
        return sum({mark.scope: mark.calls for mark in earlier}.values())
