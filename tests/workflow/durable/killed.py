"""A durable workflow of 20 steps with effects in a file, which kills its own process where it is told to."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from tta_dev_primitives import LambdaPrimitive, WorkflowPrimitive, run
from tta_dev_primitives.core.errors import RunInProgress, StepOutcomeUnknown
from tta_dev_primitives.workflow import Journal

STEPS = 20
POINTS = 2 * STEPS  # before and after the effect of each step
UNKNOWN, IN_PROGRESS = 3, 4  # exit statuses that say so
RESULT = 2 * 11 + 6


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Where a run keeps what, and the point at which it kills or stops itself.

    Of a `guarded` one, some steps must not run twice.
    """

    folder: Path
    run_id: str
    kill_at: int | None = None
    stop_at: int | None = None
    guarded: bool = True
    points: Iterator[int] = field(default_factory=count)

    @property
    def journal(self) -> Journal:
        return Journal(self.folder / "runs.db")

    @property
    def effects(self) -> Path:
        return self.folder / f"{self.run_id}.effects"

    def reach(self) -> None:
        point = next(self.points)
        if point in {self.kill_at, self.stop_at}:
            os.kill(os.getpid(), signal.SIGKILL if point == self.kill_at else signal.SIGSTOP)

    def step(self, number: int) -> WorkflowPrimitive[int, int]:
        def add(value: int) -> int:
            self.reach()
            self._effect(f"step{number} {value + 1}\n")
            self.reach()
            return value + 1

        once = self.guarded and is_guarded(number)
        return LambdaPrimitive(add, name=f"step{number}", idempotent=not once)

    def _effect(self, line: str) -> None:
        with self.effects.open("a", encoding="ascii") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())


def is_guarded(number: int) -> bool:
    """Two steps in three must not run twice."""
    return number % 3 != 0


def workflow(scene: Scene) -> WorkflowPrimitive[int, int]:
    def row(numbers: range) -> WorkflowPrimitive[int, int]:
        first, *rest = map(scene.step, numbers)
        for step in rest:
            first = first >> step
        return first

    def join(both: tuple[int, int]) -> int:
        return both[0] + both[1]

    branches = row(range(8, 11)) | row(range(11, 14))
    joined: Callable[[tuple[int, int]], int] = join
    return row(range(8)) >> branches >> LambdaPrimitive(joined, idempotent=True) >> row(range(14, STEPS))


def attempt(scene: Scene) -> int:
    """Run it as the body of a process of its own, and return the exit status."""
    try:
        result = run(workflow(scene), 0, journal=scene.journal, resume=scene.run_id)
    except StepOutcomeUnknown:
        return UNKNOWN
    except RunInProgress:
        return IN_PROGRESS
    assert result == RESULT
    return 0
