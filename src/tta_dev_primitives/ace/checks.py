"""The three ways to check a program, from most to least trusted: its output, its values, its tests."""

from __future__ import annotations

import json
import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files as resources
from itertools import zip_longest
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from ..sandbox.types import Execution, Limits, Sandbox, Stop
from .hygiene import redact
from .task import Case, Task
from .verdict import VerdictKind

_GUEST = resources("tta_dev_primitives.ace.guest")
_HARNESS = ("playbox_ground.py", "playbox_report.py", "pytest.py")
_SHOWN_FAILURES = 3
_FLOAT_TOLERANCE = 1e-9
_IMPORT_ERRORS = {"ImportError", "ModuleNotFoundError"}
_SYNTAX_ERRORS = {"SyntaxError", "IndentationError", "TabError"}
_Report = TypeVar("_Report", bound=BaseModel)


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


class _Test(BaseModel):
    name: Annotated[str, Field(max_length=5000)]
    ok: bool
    error: GuestError | None


class _TestsReport(BaseModel):
    error: GuestError | None
    results: tuple[_Test, ...]
    canary: bool
    completed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found. `failures` are sentences about single checks, at most three; `score` is 0..1.

    Of a `secret` finding only the reason may be told.
    """

    kind: VerdictKind
    score: float
    execution: Execution
    error: GuestError | None = None
    reason: str = ""
    failures: tuple[str, ...] = ()
    secret: bool = False

    @property
    def error_name(self) -> str:
        """The exception's name, or the empty text."""
        return self.error.name if self.error else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Guest:
    """Runs a program of `guest/` around the candidate."""

    sandbox: Sandbox
    limits: Limits
    task: Task
    code: str

    async def run(self, program: str, job: Mapping[str, JsonValue]) -> tuple[Execution, str | None]:
        """Return the run and the report that follows its marker, if there is one."""
        marker = secrets.token_hex(16)
        file = self.task.solution_file
        whole = {**job, "marker": marker, "solution_file": file, "source": self.code}
        own = {
            file: self.code.encode(errors="replace"),
            "playbox_input.json": json.dumps(whole).encode(),
            **{name: (_GUEST / name).read_bytes() for name in _HARNESS},
        }
        execution = await self.sandbox.run_code(
            (_GUEST / program).read_text(encoding="utf-8"),
            files={**self.task.files, **own},
            limits=self.limits,
        )
        printed, found, rest = execution.stdout.rpartition(f"\n{marker}")
        if not found:
            return execution, None
        report, _, later = rest.partition("\n")
        return replace(execution, logs=replace(execution.logs, stdout=(printed + later,))), report


async def check_output(sandbox: Sandbox, limits: Limits, task: Task, code: str) -> Finding:
    """Run the program by itself and compare what it prints with what is expected, if anything is."""
    execution = await sandbox.run_code(code, language=task.language, files=task.files, limits=limits)
    broken = _broken(execution, limits)
    if broken is not None:
        return broken
    expected = task.expected_output
    if expected is None or _same_text(expected, execution.stdout):
        return Finding(kind=VerdictKind.PASSED, score=1.0, execution=execution)
    return Finding(
        kind=VerdictKind.TESTS_FAILED,
        score=_share_of_equal_lines(expected, execution.stdout),
        execution=execution,
        reason="the program ran, but printed something else than expected",
        failures=(
            f"expected output: {expected.strip()!r}",
            f"actual output: {redact(execution.stdout.strip())[:2000]!r}",
        ),
    )


async def check_hidden(sandbox: Sandbox, limits: Limits, task: Task, code: str) -> Finding:
    """Run the program with other files; what it should print with them is never shown to a model."""
    finding: Finding | None = None
    for hidden in task.hidden:
        files = {**task.files, **hidden.files}
        execution = await sandbox.run_code(code, language=task.language, files=files, limits=limits)
        broken = _broken(execution, limits)
        if broken is None and _same_text(hidden.expected_output, execution.stdout):
            finding = Finding(kind=VerdictKind.PASSED, score=1.0, execution=execution)
            continue
        reason = "right with the given files, but not with others of the same form: compute, do not remember"
        return Finding(
            kind=VerdictKind.TESTS_FAILED, score=0.0, execution=execution, reason=reason, secret=True
        )
    assert finding is not None  # noqa: S101  # the evaluator asks only where there are hidden checks
    return finding


async def check_cases(sandbox: Sandbox, limits: Limits, task: Task, code: str) -> Finding:
    """Call the entry point once a case and compare values here; the guest never sees the expected ones."""
    inputs: list[JsonValue] = [{"args": list(case.args), "kwargs": dict(case.kwargs)} for case in task.cases]
    guest = _Guest(sandbox=sandbox, limits=limits, task=task, code=code)
    execution, text = await guest.run("run_cases.py", {"entry_point": task.entry_point, "cases": inputs})
    report = _parse(_CasesReport, text)
    if report is None or report.error is not None or len(report.results) != len(task.cases):
        return _no_report(execution, limits, report.error if report else None)
    failures = [
        f
        for case, got in zip(task.cases, report.results, strict=True)
        if (f := _case_failure(task, case, got))
    ]
    return _counted(execution, limits, len(task.cases), failures, None)


async def check_tests(sandbox: Sandbox, limits: Limits, task: Task, code: str) -> Finding:
    """Run test source beside the program in the guest: a claim, guarded by marker and canary."""
    guest = _Guest(sandbox=sandbox, limits=limits, task=task, code=code)
    execution, text = await guest.run("run_tests.py", {"tests": task.tests or ""})
    report = _parse(_TestsReport, text)
    if report is None or report.error is not None or not report.completed:
        return _no_report(execution, limits, report.error if report else None)
    if not report.canary:
        reason = "an assertion that must fail did not: the program interferes with its tests"
        return Finding(kind=VerdictKind.POLICY, score=0.0, execution=execution, reason=reason)
    if not report.results:
        return _no_report(execution, limits, None)
    failed = [test for test in report.results if not test.ok]
    failures = [_test_failure(test) for test in failed]
    error = failed[0].error if failed else None
    return _counted(execution, limits, len(report.results), failures, error)


def _parse(form: type[_Report], text: str | None) -> _Report | None:
    try:
        return None if text is None else form.model_validate_json(text.strip())
    except ValidationError:
        return None


def _broken(execution: Execution, limits: Limits) -> Finding | None:
    """Return the finding on a program that did not end by itself with exit code 0, or None if it did."""
    if execution.success:
        return None
    claim = execution.error
    error = GuestError(name=claim.name[:500], value=claim.value[:5000], line=claim.line) if claim else None
    kind, reason = _why_stopped(execution, limits)
    return Finding(kind=_kind_of(error) or kind, score=0.0, execution=execution, error=error, reason=reason)


def _no_report(execution: Execution, limits: Limits, error: GuestError | None) -> Finding:
    """Return the finding on a guest program that did not get to the end of its checks."""
    broken = _broken(execution, limits)
    if broken is not None and error is None:
        return broken
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
    broken = None if failures else _broken(execution, limits)
    return broken or Finding(
        kind=VerdictKind.TESTS_FAILED if failures else VerdictKind.PASSED,
        score=(total - len(failures)) / total,
        execution=execution,
        error=error,
        reason=f"{len(failures)} of {total} checks failed" if failures else "",
        failures=tuple(failures[:_SHOWN_FAILURES]),
    )


def _case_failure(task: Task, case: Case, got: _Returned) -> str | None:
    call = f"{task.entry_point}({_arguments(case)})"
    if got.error is not None or got.value is None:
        return f"{call} raised {got.error}"
    try:
        value: JsonValue = json.loads(got.value)
    except (ValueError, RecursionError):
        return f"{call} returned a value that is too large"
    if _same_value(case.expected, value):
        return None
    return f"{call} returned {got.value[:500]}, expected {json.dumps(case.expected)[:500]}"


def _arguments(case: Case) -> str:
    named = [f"{name}={value!r}" for name, value in case.kwargs.items()]
    return ", ".join([repr(value) for value in case.args] + named)[:500]


def _test_failure(test: _Test) -> str:
    error = test.error
    if error is None:
        return f"{test.name} failed"
    where = f" at `{error.text}`" if error.text else ""
    return f"{test.name}: {error.name}: {error.value[:500]}{where}"


def _same_value(expected: JsonValue, got: JsonValue) -> bool:
    """Compare JSON values; floats within 1e-9, relative or absolute, whole numbers exactly, True is not 1."""
    if isinstance(expected, bool) or isinstance(got, bool):
        return expected is got
    if isinstance(expected, int) and isinstance(got, int):
        return expected == got
    if isinstance(expected, int | float) and isinstance(got, int | float):
        return _close(expected, got)
    if isinstance(expected, list) and isinstance(got, list):
        return len(expected) == len(got) and all(map(_same_value, expected, got))
    if isinstance(expected, dict) and isinstance(got, dict):
        return expected.keys() == got.keys() and all(_same_value(v, got[k]) for k, v in expected.items())
    return expected == got


def _close(expected: float, got: float) -> bool:
    try:
        return math.isclose(expected, got, rel_tol=_FLOAT_TOLERANCE, abs_tol=_FLOAT_TOLERANCE)
    except OverflowError:  # a whole number that no float can hold
        return expected == got


def _lines(text: str) -> list[str]:
    # Not splitlines, for which a form feed or a Unicode separator is as good as a line break.
    return [line.rstrip() for line in text.strip().split("\n")]


def _same_text(expected: str, got: str) -> bool:
    """Compare printed text, but for white space at line ends and blank lines around it."""
    return _lines(expected) == _lines(got)


def _share_of_equal_lines(expected: str, got: str) -> float:
    equal = [left == right for left, right in zip_longest(_lines(expected), _lines(got))]
    return equal.count(True) / max(len(equal), 1)
