"""Laps: timed runs with their start-up taken off, all by the host's clock."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from ...ace.checks import Finding
from ...ace.task import Task
from ...ace.timing import Lap, Stopwatch

FLOOR_S = 5e-4
"""Shorter times are not told from none: starting a process varies by about as much."""
MEASURABLE_S = 3e-3
"""From here on a time is measured well enough to compare it with others."""
_TRIES = 3


class FailedLapError(Exception):
    """The program did not get to the end of the workload; caught where that becomes a finding."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.reason)
        self.finding = finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Laps:
    """Times `workload` with the programs of one task."""

    stopwatch: Stopwatch
    task: Task
    workload: str

    async def idle(self) -> float:
        """Return the seconds that running nothing takes."""
        return (await self.stopwatch.lap(self.task, "", "")).seconds

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
        return without_start(await self.run(code, size), idle)

    async def typical(self, code: str, size: int | None) -> float:
        """Return the median of a few runs; raises as `seconds` does."""
        return median([await self.seconds(code, size, await self.idle()) for _ in range(_TRIES)])


def without_start(lap: Lap, idle: float) -> float:
    """Return the seconds of a run beyond the `idle` ones, at least `FLOOR_S`."""
    return max(lap.seconds - idle, FLOOR_S)
