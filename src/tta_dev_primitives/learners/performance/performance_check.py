"""PerformanceCheck: faster than the given code, and growing less with the input, as the host measures it."""

from __future__ import annotations

from ...ace.checks import Finding
from ...ace.domain_check import DomainCheck
from ...ace.task import Task
from ...ace.timing import Stopwatch
from ...ace.verdict import Timing, VerdictKind
from ...core.errors import InvalidTask
from ...sandbox.types import Execution, Limits, Sandbox
from .laps import FLOOR_S, MEASURABLE_S, Clock, FailedLapError, Laps, cpu_clock, wall_clock
from .measuring import Grown, Speed, measure_growth, measure_speed
from .slope import slope
from .task import Growth

_MARGIN = 4
"""The given code takes so many times what it would take a program that is just fast enough to be measured."""


class PerformanceCheck(DomainCheck):
    """Times `workload` with a program that was found right, and with the code of the task."""

    workload: str
    min_speedup: float
    growth: Growth | None = None

    async def prepare(self, sandbox: Sandbox, limits: Limits, task: Task) -> None:
        """Time the given code, which must be slow enough, and grow fast enough, for a better one to show.

        Raises:
            InvalidTask: it is not, or fails.
            SandboxError: the sandbox failed.
        """
        stopwatch = Stopwatch(sandbox, limits)
        try:
            await self._check_speed(self._laps(stopwatch, task, wall_clock))
            if self.growth is not None:
                await self._check_growth(self._laps(stopwatch, task, cpu_clock), self.growth)
        except FailedLapError as failed:
            error = failed.finding.error
            why = f"{error.name}: {error.value[:200]}" if error else failed.finding.reason
            raise InvalidTask(
                f"workload={self.workload!r} fails with the given code ({why}); it must run"
            ) from None

    async def judge(self, sandbox: Sandbox, limits: Limits, task: Task, code: str) -> Finding:
        """Measure speed until the end, then growth of the time computed; what stays undecided is raised."""
        stopwatch, grown = Stopwatch(sandbox, limits), None
        try:
            by_wall = self._laps(stopwatch, task, wall_clock)
            speed = await measure_speed(by_wall, code, self._largest, self.min_speedup)
            if speed.enough and self.growth is not None:
                grown = await measure_growth(self._laps(stopwatch, task, cpu_clock), code, self.growth)
        except FailedLapError as failed:
            return _not_finished(failed.finding)
        return self._finding(speed, grown)

    @property
    def _largest(self) -> int | None:
        return None if self.growth is None else self.growth.sizes[-1]

    def _laps(self, stopwatch: Stopwatch, task: Task, clock: Clock) -> Laps:
        return Laps(stopwatch=stopwatch, task=task, workload=self.workload, clock=clock)

    async def _check_speed(self, laps: Laps) -> None:
        seconds = max(await laps.tries(laps.task.code, self._largest))  # noise must not refuse a task
        least = FLOOR_S * self.min_speedup * _MARGIN
        if seconds < least:
            raise InvalidTask(
                f"workload={self.workload!r} takes {seconds:.4f} s with the given code, too little to tell "
                f"whether a program is {self.min_speedup:g} times as fast; let it take {least:.4f} s or more"
            )

    async def _check_growth(self, laps: Laps, growth: Growth) -> None:
        tries = [await laps.tries(laps.task.code, size) for size in growth.sizes]
        if max(tries[0]) < MEASURABLE_S:
            raise InvalidTask(
                f"with n={growth.sizes[0]} the given code takes {max(tries[0]):.4f} s, too little to tell "
                f"how that grows; choose sizes from {MEASURABLE_S} s on"
            )
        exponent = max(slope(growth.sizes, seconds) for seconds in zip(*tries, strict=True))
        if exponent < growth.at_most:
            raise InvalidTask(
                f"the time of the given code grows like n^{exponent:.2f}, which is below "
                f"n^{growth.at_most:g} already; lower at_most, or leave growth out"
            )

    def _finding(self, speed: Speed, grown: Grown | None) -> Finding:
        execution = speed.execution
        timing = Timing(
            candidate_s=speed.candidate_s,
            reference_s=speed.reference_s,
            rounds=speed.rounds,
            exponent=grown.exponent if grown else None,
        )
        if not speed.enough:
            score = min(timing.speedup / self.min_speedup, 1.0) * 0.99
            reason = f"correct, but too slow: not {self.min_speedup:g} times as fast as the given code"
            return _failed(execution, reason, "TooSlow", score, timing)
        if grown is not None and self.growth is not None and not grown.enough:
            reason = (
                f"correct and faster, but its time grows too fast with n, above n^{self.growth.at_most:g}: "
                "a constant factor is not enough"
            )
            return _failed(execution, reason, "GrowsTooFast", 0.5, timing)
        return Finding(kind=VerdictKind.PASSED, score=1.0, execution=execution, timing=timing)


def _failed(execution: Execution, reason: str, signature: str, score: float, timing: Timing) -> Finding:
    # The times stand in the verdict only: feedback becomes part of prompts, which have to replay.
    return Finding(
        kind=VerdictKind.TESTS_FAILED,
        score=score,
        execution=execution,
        reason=reason,
        signature=signature,
        timing=timing,
    )


def _not_finished(finding: Finding) -> Finding:
    """Return the finding on a program that is right, but does not get to the end of the workload."""
    if finding.kind is VerdictKind.TIMEOUT:
        return Finding(
            kind=VerdictKind.TESTS_FAILED,
            score=0.0,
            execution=finding.execution,
            reason=f"correct, but too slow: with the workload it is {finding.reason}",
            signature="TooSlow",
        )
    return finding
