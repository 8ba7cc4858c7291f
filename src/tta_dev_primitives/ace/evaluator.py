"""Evaluator: run a program and judge it. Expected values stay on the host; no model is involved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from ..core.context import WorkflowContext
from ..core.secrets import Secrets
from ..sandbox.listening import heard, secrets_of
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

    async def judge(self, task: Task, code: str, context: WorkflowContext | None = None) -> Judgement:
        """Run every check of `task` on `code`, most trusted first, stopping at the first that fails.

        The listeners of `context` are told of each run.

        Raises:
            SandboxError: the sandbox failed, which says nothing about the code.
        """
        checks, findings, sandbox = self._checks(task), list[Finding](), heard(self._sandbox, context)
        for check in checks:
            findings.append(await check(sandbox, self._limits, task, code))
            if findings[-1].kind is not VerdictKind.PASSED:
                break
        secrets = secrets_of(sandbox)
        verdict = _conclude(task, findings, secrets, planned=len(checks))
        executions = tuple(finding.execution for finding in findings)
        if not (verdict.success and task.workload is not None):
            return Judgement(verdict=verdict, executions=executions)
        timing = await Stopwatch(sandbox, self._limits).compare(task, code)
        if isinstance(timing, Timing):
            return Judgement(verdict=_with_timing(task, verdict, timing), executions=executions)
        return Judgement(
            verdict=_without_timing(task, verdict, timing, secrets),
            executions=(*executions, timing.execution),
        )

    async def prepare(self, task: Task) -> None:
        """Try what can be tried of `task` before a model is paid: its workload, and its domain's checks.

        Raises:
            InvalidTask: the workload fails with the given code, or a check can judge no program.
            SandboxError: the sandbox failed, which says nothing about the task.
        """
        if task.workload is not None:
            await Stopwatch(self._sandbox, self._limits).reference(task)
        for check in task.checks:
            await check.prepare(self._sandbox, self._limits, task)

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
        return [*chosen, *(check.judge for check in task.checks)]


def _conclude(task: Task, findings: Sequence[Finding], secrets: Secrets, *, planned: int) -> Verdict:
    last = findings[-1]
    return Verdict(
        kind=last.kind,
        score=sum(finding.score for finding in findings) / planned,
        feedback=describe(last, secrets),
        unchecked=not task.checked,
        error_signature=last.error_name,
        timing=last.timing,
    )


def _with_timing(task: Task, verdict: Verdict, timing: Timing) -> Verdict:
    """Fail a correct program that is not as much faster as the task asks.

    The times stand in the verdict only: feedback becomes part of prompts, which have to replay.
    """
    if timing.speedup >= task.min_speedup:
        return replace(verdict, timing=timing)
    score = min(verdict.score, timing.speedup / task.min_speedup) * 0.99
    return replace(_too_slow(task, verdict), score=score, timing=timing)


def _without_timing(task: Task, verdict: Verdict, failure: Finding, secrets: Secrets) -> Verdict:
    """Fail a correct program that does not get to the end of the workload."""
    if failure.kind is VerdictKind.TIMEOUT:
        return _too_slow(task, verdict)
    return replace(
        verdict,
        kind=failure.kind,
        score=0.0,
        feedback=f"correct, but the workload fails with it:\n{describe(failure, secrets)}",
        error_signature=failure.error_name,
    )


def _too_slow(task: Task, verdict: Verdict) -> Verdict:
    return replace(
        verdict,
        kind=VerdictKind.TESTS_FAILED,
        score=0.0,
        feedback=f"correct, but too slow: not {task.min_speedup:g} times as fast as the given code",
        error_signature="TooSlow",
    )
