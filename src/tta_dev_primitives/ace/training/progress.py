"""What a run reports while it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...core.attributes import Attribute
from ...core.events import Event
from ...llm.types import Usage
from ..events import Decision
from .result import Part, TaskResult


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlanned(Event):
    """The run begins or goes on: `total` results will be there at its end, `done` are there now.

    `spent` is what was paid for before.
    """

    total: int
    done: int
    spent: Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class PartStarted(Event):
    """The tasks of a part are begun; `tasks` are left to do in it."""

    part: Part
    tasks: int

    def attributes(self) -> Mapping[str, Attribute]:
        """Return which part it is and how much there is to do."""
        return {"playbox.part": self.part.scope, "playbox.tasks": self.tasks}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDone(Event):
    """A task has its result; `learned` are the strategies that came of it, `decided` is by evidence."""

    result: TaskResult
    learned: tuple[str, ...] = ()
    decided: tuple[Decision, ...] = ()

    def attributes(self) -> Mapping[str, Attribute]:
        """Return the result of the task."""
        result = self.result
        cost: dict[str, Attribute] = {} if result.usd is None else {"playbox.task.cost_usd": result.usd}
        return {
            "playbox.task_id": result.task_id,
            "playbox.part": result.part.scope,
            "playbox.task.success": result.success,
            "playbox.task.first_try": result.first_try,
            "playbox.task.attempts": result.attempts,
            "playbox.task.verdict": result.verdict,
            "playbox.task.tokens": result.tokens,
            "playbox.task.seconds": result.seconds,
            "playbox.playbook.version": result.playbook_version,
            **cost,
        }

    def contents(self) -> Mapping[str, str]:
        """Return the wording of what was learned."""
        return {"playbox.task.learned": "\n".join(self.learned)} if self.learned else {}
