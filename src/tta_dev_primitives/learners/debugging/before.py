"""What the tests say of the code as it was given: measured, never claimed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...ace.checks import ClaimedTest, RanTests, failure_of, run_tests
from ...ace.feedback import describe
from ...ace.task import Task
from ...core.errors import InvalidTask
from ...sandbox.types import Limits, Sandbox

_RUNS = 2
"""A test that passes in one run and fails in the other proves nothing of a fix."""
_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The names of the tests that failed and passed, and what the failing ones said.

    All names are missing where the code could not be loaded: then no test was reached.
    """

    failed: tuple[str, ...]
    passed: tuple[str, ...]
    said: str


async def run_before(sandbox: Sandbox, limits: Limits, task: Task, tests: str) -> Before:
    """Run `tests` with the code of `task`, twice.

    Raises:
        InvalidTask: no test fails, so there is nothing to fix; or one fails in only one of two runs.
        SandboxError: the sandbox failed.
    """
    runs = [await run_tests(sandbox, limits, task, task.code, tests) for _ in range(_RUNS)]
    first = runs[0]
    if all(ran.unfinished is not None for ran in runs) and first.unfinished is not None:
        return Before(failed=(), passed=(), said=describe(first.unfinished))
    outcomes = [outcomes_of(ran.results) for ran in runs]
    _refuse_unsteady(outcomes)
    failed = tuple(name for name, ok in outcomes[0].items() if not ok)
    if not failed:
        raise InvalidTask(
            f"all {len(outcomes[0])} tests pass with the given code, so nobody could tell whether a fix is "
            "one; add a test that fails because of the defect"
        )
    passed = tuple(name for name, ok in outcomes[0].items() if ok)
    return Before(failed=failed, passed=passed, said=_said(first))


def outcomes_of(results: Iterable[ClaimedTest]) -> Mapping[str, bool]:
    """Return name -> whether it passed; of tests with the same name all must."""
    outcomes: dict[str, bool] = {}
    for test in results:
        outcomes[test.name] = test.ok and outcomes.get(test.name, True)
    return outcomes


def _refuse_unsteady(outcomes: Sequence[Mapping[str, bool]]) -> None:
    first, second = outcomes
    unsteady = sorted(
        name for name in first.keys() | second.keys() if first.get(name) is not second.get(name)
    )
    if unsteady:
        raise InvalidTask(
            f"with the same code, {unsteady[0]!r} ends differently from run to run, so it can tell nothing "
            "of a fix; take out what is random in it"
        )


def _said(ran: RanTests) -> str:
    failures = [failure_of(test) for test in ran.results if not test.ok]
    more = [f"and {len(failures) - _SHOWN} more"] if len(failures) > _SHOWN else []
    return "\n".join((*failures[:_SHOWN], *more))
