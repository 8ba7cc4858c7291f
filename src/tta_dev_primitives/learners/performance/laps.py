"""Laps: timed runs with their start-up taken off, all by the host's clocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from ...ace.checks import Finding
from ...ace.task import Task
from ...ace.timing import Lap, Stopwatch
from ...sandbox.types import Usage

FLOOR_S = 5e-4
"""Shorter times are not told from none: starting a process varies by about as much."""
MEASURABLE_S = 1e-3
"""From here on a time is measured well enough to compare it with others."""
_TRIES = 3


Clock: TypeAlias = Callable[[Usage], float]


def wall_clock(usage: Usage) -> float:
    """Return the seconds until the run ended."""
    return usage.wall_s


def cpu_clock(usage: Usage) -> float:
    """Return the seconds that the run computed, as the host's kernel counts them; else those until its end.

    Other programs on the machine hardly change them, and some sandboxes do not tell.
    """
    return usage.cpu_s or usage.wall_s


class FailedLapError(Exception):
    """The program did not get to the end of the workload; caught where that becomes a finding."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.reason)
        self.finding = finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Laps:
    """Times `workload` with the programs of one task; `clock` reads the seconds of a run."""

    stopwatch: Stopwatch
    task: Task
    workload: str
    clock: Clock

    async def idle(self) -> float:
        """Return the seconds that running nothing takes."""
        return self.clock((await self.stopwatch.lap(self.task, "", "")).execution.usage)

    async def run(self, code: str, size: int | None) -> Lap:
        """Return a run of the workload with `code` that got to the end, `n` being `size`.

        Raises:
            FailedLapError: it does not get to the end.
            SandboxError: the sandbox failed.
        """
        workload = self.workload if size is None else f"n = {size}\n{self.workload}"
        lap = await self.stopwatch.lap(self.task, code, workload)
        if lap.failure is not None:
            raise FailedLapError(lap.failure)
        return lap

    async def seconds(self, code: str, size: int | None, idle: float) -> float:
        """Return the seconds of such a run without the `idle` ones, at least `FLOOR_S`; raises as `run`."""
        return self.beyond(idle, await self.run(code, size))

    def beyond(self, idle: float, lap: Lap) -> float:
        """Return the seconds of a run without the `idle` ones, at least `FLOOR_S`."""
        return max(self.clock(lap.execution.usage) - idle, FLOOR_S)

    async def tries(self, code: str, size: int | None) -> list[float]:
        """Return the seconds of a few runs; raises as `seconds` does."""
        return [await self.seconds(code, size, await self.idle()) for _ in range(_TRIES)]
