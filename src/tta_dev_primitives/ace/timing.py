"""How fast a correct program is: interleaved runs against the given code, timed by the host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from pydantic import BaseModel

from ..core.errors import InvalidTask
from ..sandbox.types import Execution, Limits, Sandbox
from .checks import Finding, GuestError, unfinished
from .guest_program import GuestProgram, read_report
from .task import Task
from .verdict import Timing

_ROUNDS = 5
_SHORTEST_S = 1e-4
"""Shorter differences of two wall-clock times are noise on any machine."""


class _WorkloadReport(BaseModel):
    error: GuestError | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lap:
    """One timed run; `failure` says why it did not get to the end of the workload."""

    execution: Execution
    failure: Finding | None

    @property
    def seconds(self) -> float:
        """The seconds of wall-clock time that the run took."""
        return self.execution.usage.wall_s


class Stopwatch:
    """Times programs in `sandbox`; the guest's own clock is never asked."""

    def __init__(self, sandbox: Sandbox, limits: Limits) -> None:
        self._sandbox, self._limits = sandbox, limits

    async def compare(self, task: Task, code: str) -> Timing | Finding:
        """Return medians over rounds of (nothing, candidate, reference), each a fresh process.

        Returns the finding on the candidate instead, if it does not get to the end of the workload.

        Raises:
            InvalidTask: the workload fails with the given code, so there is nothing to compare with.
        """
        rounds: list[tuple[float, float, float]] = []
        for _ in range(_ROUNDS):
            idle = await self.lap(task, "", "")
            candidate = await self.lap(task, code, task.workload or "")
            reference = await self.reference(task)
            if candidate.failure is not None:
                return candidate.failure
            rounds.append((idle.seconds, candidate.seconds, reference))
        return _timing(rounds)

    async def reference(self, task: Task) -> float:
        """Return the seconds of one run of the workload with the given code.

        Raises:
            InvalidTask: it fails.
        """
        lap = await self.lap(task, task.code, task.workload or "")
        if lap.failure is None:
            return lap.seconds
        error = lap.failure.error
        why = f"{error.name}: {error.value[:200]}" if error else lap.failure.reason
        raise InvalidTask(f"workload={task.workload!r} fails with the given code ({why}); it must run")

    async def lap(self, task: Task, code: str, workload: str) -> Lap:
        """Return how long a fresh process takes to run `workload` with `code`, start-up included.

        Raises:
            SandboxError: the sandbox failed, which says nothing about the code.
        """
        guest = GuestProgram(sandbox=self._sandbox, limits=self._limits, task=task, code=code)
        execution, text = await guest.run("run_workload.py", {"workload": workload})
        report = read_report(_WorkloadReport, text)
        if report is not None and report.error is None and execution.success:
            return Lap(execution=execution, failure=None)
        failure = unfinished(execution, self._limits, report.error if report else None)
        return Lap(execution=execution, failure=failure)


def _timing(rounds: Sequence[tuple[float, float, float]]) -> Timing:
    """Return medians less those of running nothing, neither below what running nothing varies by.

    Otherwise noise alone would make a program that takes no time, and is many times as fast.
    """
    idle, candidate, reference = zip(*rounds, strict=True)
    noise = max(max(idle) - min(idle), _SHORTEST_S)
    return Timing(
        candidate_s=max(median(candidate) - median(idle), noise),
        reference_s=max(median(reference) - median(idle), noise),
        rounds=len(rounds),
    )
