"""What a run reports while it goes on."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDone(Event):
    """A task has its result; `learned` are the strategies that came of it, `decided` is by evidence."""

    result: TaskResult
    learned: tuple[str, ...] = ()
    decided: tuple[Decision, ...] = ()
