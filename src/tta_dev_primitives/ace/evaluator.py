"""Evaluator: run a program and judge it. Expected values stay on the host; no model is involved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from ..sandbox.types import Execution, Limits, Sandbox
from .checks import Finding, check_cases, check_hidden, check_output, check_tests
from .feedback import describe
from .task import Task
from .timing import Stopwatch
from .verdict import Timing, Verdict, VerdictKind

_Check: TypeAlias = Callable[[Sandbox, Limits, Task, str], Awaitable[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict and the runs it rests on, in order; there is at least one."""

    verdict: Verdict
    executions: tuple[Execution, ...]

    @property
    def execution(self) -> Execution:
        """The run that decided: the last one."""
        return self.executions[-1]


class Evaluator:
    """Judges programs in `sandbox`; a program that uses more than `limits` fails, nothing else."""

    def __init__(self, sandbox: Sandbox, limits: Limits) -> None:
        self._sandbox, self._limits = sandbox, limits

    async def judge(self, task: Task, code: str) -> Judgement:
        """Run every check of `task` on `code`, most trusted first, stopping at the first that fails.

        Raises:
            SandboxError: the sandbox failed, which says nothing about the code.
        """
        findings: list[Finding] = []
        for check in self._checks(task):
            findings.append(await check(self._sandbox, self._limits, task, code))
            if findings[-1].kind is not VerdictKind.PASSED:
                break
        verdict = _conclude(task, findings, planned=len(self._checks(task)))
        executions = tuple(finding.execution for finding in findings)
        if not (verdict.success and task.workload is not None):
            return Judgement(verdict=verdict, executions=executions)
        timing = await Stopwatch(self._sandbox, self._limits).compare(task, code)
        return Judgement(verdict=_with_timing(task, verdict, timing), executions=executions)

    @staticmethod
    def _checks(task: Task) -> Sequence[_Check]:
        chosen: list[_Check] = []
        if task.expected_output is not None or not task.checked:
            chosen.append(check_output)
        if task.hidden:
            chosen.append(check_hidden)
        if task.cases:
            chosen.append(check_cases)
        if task.tests is not None:
            chosen.append(check_tests)
        return chosen


def _conclude(task: Task, findings: Sequence[Finding], *, planned: int) -> Verdict:
    last = findings[-1]
    return Verdict(
        kind=last.kind,
        score=sum(finding.score for finding in findings) / planned,
        feedback=describe(last),
        unchecked=not task.checked,
        error_signature=last.error_name,
    )


def _with_timing(task: Task, verdict: Verdict, timing: Timing) -> Verdict:
    """Fail a correct program that is not as much faster as the task asks."""
    measured = (
        f"median {timing.candidate_s:.4f} s against {timing.reference_s:.4f} s of the given code over "
        f"{timing.rounds} interleaved runs: {timing.speedup:.2f} times as fast"
    )
    if timing.speedup >= task.min_speedup:
        return replace(verdict, timing=timing, feedback=f"passed; {measured}")
    return replace(
        verdict,
        kind=VerdictKind.TESTS_FAILED,
        score=min(verdict.score, timing.speedup / task.min_speedup) * 0.99,
        feedback=f"correct, but too slow: {measured}; wanted is {task.min_speedup:g} times",
        error_signature="TooSlow",
        timing=timing,
    )
