"""The demonstration: unseen tasks before and after learning. Four passes, all code really run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ..ace.cognitive_manager import SelfLearningCodePrimitive
from ..ace.options import AceOptions, Reflect
from ..ace.playbook import Playbook
from ..ace.result import LearningResult
from ..ace.store import open_store
from ..core.context import WorkflowContext
from ..llm.models import AnyModel, RoleModels
from ..sandbox.types import Sandbox
from .tasks import LEARNING_TASKS, TEST_TASKS, DemoTask, as_input


class Stage(StrEnum):
    """The passes, in order."""

    BEFORE = "before"
    LEARNING = "learning"
    CONTROL = "control"
    AFTER = "after"

    @property
    def heading(self) -> str:
        """What the pass is, for people."""
        return {
            Stage.BEFORE: "Pass 1: no playbook",
            Stage.LEARNING: "Pass 2: the same tasks, learning",
            Stage.CONTROL: "Control: unseen tasks, no playbook",
            Stage.AFTER: "Pass 3: the unseen tasks, learned playbook",
        }[self]

    @property
    def tasks(self) -> Sequence[DemoTask]:
        """The tasks of the pass."""
        return TEST_TASKS if self in {Stage.CONTROL, Stage.AFTER} else LEARNING_TASKS

    @property
    def uses_playbook(self) -> bool:
        """True if learned strategies are put into the prompts."""
        return self in {Stage.LEARNING, Stage.AFTER}

    @property
    def options(self) -> AceOptions:
        """No chance and no probes in a demonstration: a small playbook is used whole, and one pass learns."""
        reflect = Reflect.INFORMATIVE if self is Stage.LEARNING else Reflect.NEVER
        return AceOptions(inclusion=1.0, hold_out=0.0, reflect=reflect, max_retrieved=12, probes=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One pass: a result for each of the stage's tasks, in order."""

    stage: Stage
    results: tuple[LearningResult, ...]

    @property
    def first_tries(self) -> int:
        """How many tasks the first program solved."""
        return sum(result.execution_success and result.attempts == 1 for result in self.results)

    @property
    def successes(self) -> int:
        """How many tasks were solved at all."""
        return sum(result.execution_success for result in self.results)

    @property
    def attempts(self) -> float:
        """Mean programs a task."""
        return sum(result.attempts for result in self.results) / len(self.results)

    @property
    def tokens(self) -> int:
        """Tokens of all roles."""
        return sum(result.tokens for result in self.results)

    @property
    def calls(self) -> int:
        """Model calls of all roles."""
        return sum(result.calls for result in self.results)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstration:
    """All passes and the playbook that the second one left."""

    passes: Mapping[Stage, Pass]
    playbook: Playbook

    @property
    def gain(self) -> float:
        """First-try success of pass 3 minus that of pass 1, in percentage points."""
        after, before = self.passes[Stage.AFTER], self.passes[Stage.BEFORE]
        return 100 * (after.first_tries / len(after.results) - before.first_tries / len(before.results))


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What the passes run with; the playbook is kept in `folder`."""

    model: AnyModel
    models: RoleModels | None = None
    sandbox: Sandbox
    folder: Path

    async def run(self, context: WorkflowContext) -> Demonstration:
        """Run all passes."""
        passes = {stage: await self.run_stage(stage, context) for stage in Stage}
        store = open_store(self.folder / "playbook.db")
        try:
            return Demonstration(passes=passes, playbook=await store.load())
        finally:
            await store.aclose()

    async def run_stage(self, stage: Stage, context: WorkflowContext) -> Pass:
        """Run one pass: the passes with a playbook share one, the others have an empty one each."""
        name = "playbook" if stage.uses_playbook else stage
        async with SelfLearningCodePrimitive(
            self.folder / f"{name}.db",
            model=self.model,
            models=self.models,
            sandbox=self.sandbox,
            options=stage.options,
        ) as learner:
            results = [await learner.execute(as_input(task, stage=stage), context) for task in stage.tasks]
        return Pass(stage=stage, results=tuple(results))
