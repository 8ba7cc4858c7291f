"""The three ways to check a program, from most to least trusted: its output, its values, its tests."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from ..core.errors import InvalidTask
from ..core.secrets import NO_SECRETS, Secrets
from ..sandbox.listening import secrets_of
from ..sandbox.types import Execution, Limits, Sandbox, Stop
from .equality import same_text, same_value, share_of_equal_lines
from .guest_program import GuestProgram, read_report
from .hygiene import quoted, redact
from .reading_stdin import run_alone
from .task import Case, Task
from .tests_source import acts_at_top_level
from .verdict import Timing, VerdictKind

_SHOWN_FAILURES = 3
_OFFERED = (
    "beside them are the program, `files`, the standard library and a stand-in for pytest with raises, "
    "approx, param, skip, fail, mark.parametrize, mark.skip, mark.skipif, setup_* and teardown_*"
)
_IMPORT_ERRORS = {"ImportError", "ModuleNotFoundError"}
_SYNTAX_ERRORS = {"SyntaxError", "IndentationError", "TabError"}


class GuestError(BaseModel):
    """An exception as the guest reports it: a claim."""

    model_config = ConfigDict(frozen=True)

    name: Annotated[str, Field(max_length=500)]
    value: Annotated[str, Field(max_length=5000)]
    line: int | None = None
    file: Annotated[str | None, Field(max_length=5000)] = None
    text: Annotated[str, Field(max_length=5000)] = ""


class _Returned(BaseModel):
    value: str | None = None
    error: Annotated[str | None, Field(max_length=5000)] = None


class _CasesReport(BaseModel):
    error: GuestError | None
    results: tuple[_Returned, ...]


class ClaimedTest(BaseModel):
    """What became of one test, as the guest reports it: a claim."""

    model_config = ConfigDict(frozen=True)

    name: Annotated[str, Field(max_length=5000)]
    ok: bool
    error: GuestError | None


class _TestsReport(BaseModel):
    error: GuestError | None
    results: tuple[ClaimedTest, ...]
    canary: bool
    completed: bool
    unsupported: Annotated[str | None, Field(max_length=5000)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found. `failures` are sentences about single checks, at most three; `score` is 0..1.

    Of a `secret` finding only the reason may be told. `signature` names what is wrong where no exception
    does; `timing` is what a check measured.
    """

    kind: VerdictKind
    score: float
    execution: Execution
    error: GuestError | None = None
    reason: str = ""
    failures: tuple[str, ...] = ()
    secret: bool = False
    signature: str = ""
    timing: Timing | None = None

    @property
    def error_name(self) -> str:
        """The exception's name, or the signature, which may be empty."""
        return self.error.name if self.error else self.signature


@dataclass(frozen=True, slots=True, kw_only=True)
class RanTests:
    """One run of tests: what became of each, or why they did not get to the end."""

    execution: Execution
    results: tuple[ClaimedTest, ...] = ()
    unfinished: Finding | None = None


async def check_output(sandbox: Sandbox, limits: Limits, task: Task, code: str) -> Finding:
    """Run the program by itself and compare what it prints with what is expected, if anything is."""
    execution = await run_alone(sandbox, limits, task, code, files=task.files, stdin=task.stdin)
    stopped = broken(execution, limits)
    if stopped is not None:
        return stopped
    expected = task.expected_output
    if expected is None or same_text(expected, execution.stdout):
        return Finding(kind=VerdictKind.PASSED, score=1.0, execution=execution)
    return Finding(
        kind=VerdictKind.TESTS_FAILED,
        score=share_of_equal_lines(expected, execution.stdout),
        execution=execution,
        reason="the program ran, but printed something else than expected",
        failures=(
            f"expected output: {expected.strip()!r}",
            f"actual output: {redact(execution.stdout.strip(), secrets_of(sandbox))[:2000]!r}",
        ),
    )


async def check_hidden(sandbox: Sandbox, limits: Limits, task: Task, code: str) -> Finding:
    """Run the program with other files or input; what it should print then is never shown to a model."""
    finding: Finding | None = None
    for hidden in task.hidden:
        files = {**task.files, **hidden.files}
        stdin = task.stdin if hidden.stdin is None else hidden.stdin
        execution = await run_alone(sandbox, limits, task, code, files=files, stdin=stdin)
        stopped = broken(execution, limits)
        if stopped is None and same_text(hidden.expected_output, execution.stdout):
            finding = Finding(kind=VerdictKind.PASSED, score=1.0, execution=execution)
            continue
        reason = (
            "right with what is given, but not with other data of the same form: compute, do not remember"
        )
        return Finding(
            kind=VerdictKind.TESTS_FAILED, score=0.0, execution=execution, reason=reason, secret=True
        )
    assert finding is not None  # noqa: S101  # the evaluator asks only where there are hidden checks
    return finding


async def check_cases(sandbox: Sandbox, limits: Limits, task: Task, code: str) -> Finding:
    """Call the entry point once a case and compare values here; the guest never sees the expected ones."""
    inputs: list[JsonValue] = [{"args": list(case.args), "kwargs": dict(case.kwargs)} for case in task.cases]
    guest = GuestProgram(sandbox=sandbox, limits=limits, task=task, code=code)
    execution, text = await guest.run("run_cases.py", {"entry_point": task.entry_point, "cases": inputs})
    report = read_report(_CasesReport, text)
    if report is None or report.error is not None or len(report.results) != len(task.cases):
        return unfinished(execution, limits, report.error if report else None)
    secrets = secrets_of(sandbox)
    failures = [
        f
        for case, got in zip(task.cases, report.results, strict=True)
        if (f := _case_failure(task, case, got, secrets))
    ]
    return _counted(execution, limits, len(task.cases), failures, None)


async def check_tests(sandbox: Sandbox, limits: Limits, task: Task, code: str) -> Finding:
    """Run test source beside the program in the guest: a claim, guarded by marker and canary.

    Raises:
        InvalidTask: the tests use what the sandbox does not have, which no program can mend.
    """
    ran = await run_tests(sandbox, limits, task, code, task.tests or "")
    if ran.unfinished is not None:
        return ran.unfinished
    failed = [test for test in ran.results if not test.ok]
    failures = [failure_of(test, secrets_of(sandbox)) for test in failed]
    error = failed[0].error if failed else None
    return _counted(ran.execution, limits, len(ran.results), failures, error)


async def run_tests(sandbox: Sandbox, limits: Limits, task: Task, code: str, tests: str) -> RanTests:
    """Run `tests` beside the program and the files of `task` in the guest; raises as `check_tests` does."""
    guest = GuestProgram(sandbox=sandbox, limits=limits, task=task, code=code)
    execution, text = await guest.run("run_tests.py", _tests_job(tests))
    report = read_report(_TestsReport, text)
    if report is not None and report.unsupported is not None:
        raise InvalidTask(f"tests cannot be run: {report.unsupported}; {_OFFERED}")
    if report is None or report.error is not None or not report.completed:
        stopped = unfinished(execution, limits, report.error if report else None)
        return RanTests(execution=execution, unfinished=stopped)
    if not report.canary:
        reason = "an assertion that must fail did not: the program interferes with its tests"
        policy = Finding(kind=VerdictKind.POLICY, score=0.0, execution=execution, reason=reason)
        return RanTests(execution=execution, unfinished=policy)
    if not report.results:
        return RanTests(execution=execution, unfinished=unfinished(execution, limits, None))
    return RanTests(execution=execution, results=report.results)


def _tests_job(tests: str) -> Mapping[str, JsonValue]:
    return {"tests": tests, "acts": acts_at_top_level(tests)}


def broken(execution: Execution, limits: Limits) -> Finding | None:
    """Return the finding on a program that did not end by itself with exit code 0, or None if it did."""
    if execution.success:
        return None
    claim = execution.error
    error = GuestError(name=claim.name[:500], value=claim.value[:5000], line=claim.line) if claim else None
    kind, reason = _why_stopped(execution, limits)
    return Finding(kind=_kind_of(error) or kind, score=0.0, execution=execution, error=error, reason=reason)


def unfinished(execution: Execution, limits: Limits, error: GuestError | None) -> Finding:
    """Return the finding on a guest program that did not get to the end of its checks."""
    stopped = broken(execution, limits)
    if stopped is not None and error is None:
        return stopped
    reason = "" if error else "the program ended before its checks were complete"
    kind = _kind_of(error) or (VerdictKind.RUNTIME_ERROR if error else VerdictKind.TESTS_FAILED)
    return Finding(kind=kind, score=0.0, execution=execution, error=error, reason=reason)


def _why_stopped(execution: Execution, limits: Limits) -> tuple[VerdictKind, str]:
    reasons = {
        Stop.WALL_TIME: (VerdictKind.TIMEOUT, f"stopped after {limits.wall_s:g} seconds"),
        Stop.CPU_TIME: (VerdictKind.TIMEOUT, f"stopped after {limits.cpu_s:g} seconds of CPU time"),
        Stop.MEMORY: (VerdictKind.MEMORY, f"used more than {limits.memory_bytes >> 20} MiB of memory"),
        Stop.OUTPUT: (VerdictKind.POLICY, f"printed more than {limits.output_bytes} bytes"),
        Stop.POLICY: (VerdictKind.POLICY, "did something that the sandbox forbids"),
        Stop.SIGNALLED: (VerdictKind.RUNTIME_ERROR, f"killed by signal {execution.signal}"),
        Stop.EXITED: (VerdictKind.RUNTIME_ERROR, f"ended with exit code {execution.exit_code}"),
    }
    return reasons[execution.stop]


def _kind_of(error: GuestError | None) -> VerdictKind | None:
    """Return the kind that an exception's name stands for, if it is one of the special ones."""
    if error is None:
        return None
    if error.name in _SYNTAX_ERRORS:
        return VerdictKind.SYNTAX
    if error.name in _IMPORT_ERRORS:
        return VerdictKind.IMPORT
    return VerdictKind.MEMORY if error.name == "MemoryError" else None


def _counted(
    execution: Execution, limits: Limits, total: int, failures: Sequence[str], error: GuestError | None
) -> Finding:
    """Return the finding on checks that all ran. If they hold, the program must have ended well, too."""
    stopped = None if failures else broken(execution, limits)
    return stopped or Finding(
        kind=VerdictKind.TESTS_FAILED if failures else VerdictKind.PASSED,
        score=(total - len(failures)) / total,
        execution=execution,
        error=error,
        reason=f"{len(failures)} of {total} checks failed" if failures else "",
        failures=tuple(failures[:_SHOWN_FAILURES]),
    )


def _case_failure(task: Task, case: Case, got: _Returned, secrets: Secrets) -> str | None:
    call = f"{task.entry_point}({_arguments(case)})"
    if got.error is not None or got.value is None:
        return f"{call} raised {got.error and redact(got.error, secrets)}"
    try:
        value: JsonValue = json.loads(got.value)
    except (ValueError, RecursionError):
        return f"{call} returned a value that is too large"
    if same_value(case.expected, value):
        return None
    return f"{call} returned {redact(got.value, secrets)[:500]}, expected {json.dumps(case.expected)[:500]}"


def _arguments(case: Case) -> str:
    named = [f"{name}={value!r}" for name, value in case.kwargs.items()]
    return ", ".join([repr(value) for value in case.args] + named)[:500]


def failure_of(test: ClaimedTest, secrets: Secrets = NO_SECRETS) -> str:
    """Return why a test failed, in a line, without `secrets`."""
    error = test.error
    if error is None:
        return f"{quoted(test.name)} failed"
    where = f" at `{error.text}`" if error.text else ""
    return f"{quoted(test.name)}: {error.name}: {redact(error.value, secrets)[:500]}{where}"
