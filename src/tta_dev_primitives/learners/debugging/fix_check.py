"""FixCheck: what failed before passes now, and what passed before still does."""

from __future__ import annotations

from collections.abc import Mapping

from ...ace.checks import ClaimedTest, Finding, RanTests, broken, failure_of, run_tests
from ...ace.domain_check import DomainCheck
from ...ace.task import Task
from ...ace.verdict import VerdictKind
from ...sandbox.types import Limits, Sandbox
from .before import outcomes_of

_SHOWN = 3
_HIDDEN = "right by the tests that were told, but not by others: mend the cause, do not remember values"


class FixCheck(DomainCheck):
    """Judges a fix by `tests`, as compared with the code before it.

    `failed` and `passed` are the tests that did so before, `wanted` those that a fix must make pass; a test
    that is in neither, as nothing could be loaded before, must pass.
    """

    tests: str
    failed: tuple[str, ...]
    passed: tuple[str, ...]
    wanted: tuple[str, ...]
    hidden_tests: str | None = None

    async def judge(self, sandbox: Sandbox, limits: Limits, task: Task, code: str) -> Finding:
        """Run the tests with `code`; the hidden ones only if the others are satisfied."""
        ran = await run_tests(sandbox, limits, task, code, self.tests)
        finding = self._finding(ran, limits)
        if finding.kind is not VerdictKind.PASSED or self.hidden_tests is None:
            return finding
        hidden = await run_tests(sandbox, limits, task, code, self.hidden_tests)
        if hidden.unfinished is None and all(test.ok for test in hidden.results):
            return finding
        return Finding(
            kind=VerdictKind.TESTS_FAILED,
            score=0.0,
            execution=hidden.execution,
            reason=_HIDDEN,
            secret=True,
            signature="RememberedValues",
        )

    def _finding(self, ran: RanTests, limits: Limits) -> Finding:
        if ran.unfinished is not None:
            return ran.unfinished
        now = outcomes_of(ran.results)
        lost = tuple(name for name in self.passed if not now.get(name, False))
        left = tuple(name for name in self._must_pass(now) if not now.get(name, False))
        if not lost and not left:
            return broken(ran.execution, limits) or Finding(
                kind=VerdictKind.PASSED, score=1.0, execution=ran.execution
            )
        must = {*self.passed, *self._must_pass(now)}
        return Finding(
            kind=VerdictKind.TESTS_FAILED,
            score=1 - len({*lost, *left}) / len(must),
            execution=ran.execution,
            error=next((test.error for test in ran.results if test.name in {*lost, *left}), None),
            reason=_reason(lost, left),
            failures=_failures(ran, lost, left),
        )

    def _must_pass(self, now: Mapping[str, bool]) -> tuple[str, ...]:
        """Return the tests that a fix is for, and those that were not reached before."""
        known = {*self.failed, *self.passed}
        return (*self.wanted, *(name for name in now if name not in known and name not in self.wanted))


def _reason(lost: tuple[str, ...], left: tuple[str, ...]) -> str:
    parts = list[str]()
    if lost:
        parts.append(f"{len(lost)} that passed before fail with this change")
    if left:
        parts.append(f"{len(left)} still fail")
    return f"of the tests, {' and '.join(parts)}"


def _failures(ran: RanTests, lost: tuple[str, ...], left: tuple[str, ...]) -> tuple[str, ...]:
    failing: dict[str, ClaimedTest] = {}
    for test in ran.results:
        if not test.ok:
            failing.setdefault(test.name, test)
    told = [
        f"{label}: {failure_of(failing[name]) if name in failing else f'{name} is not run any more'}"
        for label, names in (("broken by this change", lost), ("still fails", left))
        for name in names
    ]
    return tuple(told[:_SHOWN])
