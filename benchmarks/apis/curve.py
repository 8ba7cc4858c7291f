"""Two arms on the same seeded tasks: an API-client learner, and the same one that never gets its playbook."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from apis.mind import simulated_model
from apis.orders import orders

from tta_dev_primitives import WorkflowContext
from tta_dev_primitives.ace import AceOptions
from tta_dev_primitives.ace.statistics import Estimate, difference, wilson
from tta_dev_primitives.learners.api_client import ApiClientLearner
from tta_dev_primitives.sandbox import Sandbox
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import MemoryStore

ENDS = 10
"""Tasks at each end of a curve that are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Whether each task succeeded at the first try, and in the end, in the order of the tasks."""

    first_try: tuple[bool, ...]
    solved: tuple[bool, ...]

    @property
    def first(self) -> Estimate:
        """First-try success of the first tasks."""
        return wilson(sum(self.first_try[:ENDS]), ENDS)

    @property
    def last(self) -> Estimate:
        """First-try success of the last tasks."""
        return wilson(sum(self.first_try[-ENDS:]), ENDS)

    @property
    def gain(self) -> Estimate:
        """Last minus first."""
        return difference(self.first, self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arms:
    """The learner, and the control that differs in nothing but that no run gets a strategy."""

    learner: Curve
    control: Curve


async def run(seed: int, sandbox: Sandbox, *, control_attempts: int | None = None) -> Arms:
    """Return both arms; `control_attempts` can spare the control what comes after its first try."""
    async with asyncio.TaskGroup() as group:
        learner = group.create_task(_arm(seed, sandbox, AceOptions(probes=0, seed=seed)))
        without = AceOptions(probes=0, seed=seed, hold_out=1.0)
        control = group.create_task(_arm(seed, sandbox, without, control_attempts))
    return Arms(learner=learner.result(), control=control.result())


async def _arm(seed: int, sandbox: Sandbox, options: AceOptions, attempts: int | None = None) -> Curve:
    first_try, solved = list[bool](), list[bool]()
    learner = ApiClientLearner(
        model=simulated_model(), sandbox=sandbox, store=MemoryStore(), options=options, settings=Settings()
    )
    for task in orders(seed):
        given = task if attempts is None else replace(task, max_iterations=attempts)
        result = await learner.execute(given, WorkflowContext())
        solved.append(result.execution_success)
        first_try.append(result.execution_success and result.attempts == 1)
    return Curve(first_try=tuple(first_try), solved=tuple(solved))
