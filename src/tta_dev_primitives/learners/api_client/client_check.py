"""ClientCheck: a client is right if its services saw what they should, and it returned what it should."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Annotated, Final

from pydantic import Field, JsonValue

from ...ace.checks import Finding, GuestError, broken, unfinished
from ...ace.domain_check import DomainCheck
from ...ace.equality import same_value
from ...ace.task import Task
from ...ace.verdict import VerdictKind
from ...sandbox.services import Program, Seen, Served, ServiceBeside
from ...sandbox.types import Limits, Sandbox
from .manners import Wrong, checks, told, wrongs
from .scenario import Scenario

_STOPPED: Final = {
    "too_many_requests": "the client sent more requests than the service takes",
    "too_many_connections": "the client opened more connections than the service takes",
    "unread_answers": "the client asked on and on without reading the answers",
    "too_many_bytes": "the client asked for more bytes than the service sends",
    "broken_channel": "the client interfered with its connection to the service",
}
_SHOWN: Final = 3
_SHOWN_VALUE: Final = 300


class ClientCheck(DomainCheck):
    """Runs a client once a scenario, with a fresh service beside it, up to the first that fails."""

    scenarios: Annotated[tuple[Scenario, ...], Field(min_length=1)]

    async def prepare(self, sandbox: Sandbox, limits: Limits, task: Task) -> None:
        """Refuse a sandbox in which no service can stand beside a program.

        Raises:
            SandboxUnavailable: it is not the embedded one, or has no user namespaces here.
        """
        del task
        ServiceBeside(sandbox=sandbox, limits=limits).check()

    async def judge(self, sandbox: Sandbox, limits: Limits, task: Task, code: str) -> Finding:
        """Return the finding on the first scenario that fails, or on the last.

        Raises:
            SandboxError: the sandbox or the service failed, which says nothing about the program.
        """
        beside = ServiceBeside(sandbox=sandbox, limits=limits)
        for number, scenario in enumerate(self.scenarios):
            program = Program(
                code=code,
                entry_point=task.entry_point or "",
                args=scenario.args,
                kwargs=scenario.kwargs,
                solution_file=task.solution_file,
                files=task.files,
            )
            finding = _finding(await beside.run(scenario.service, program), limits, scenario, program)
            if finding.kind is not VerdictKind.PASSED or number == len(self.scenarios) - 1:
                return _of_all(finding, number, len(self.scenarios))
        raise AssertionError("there is at least one scenario")


def _of_all(finding: Finding, passed: int, total: int) -> Finding:
    """Return the finding with its share of all scenarios."""
    return replace(finding, score=(passed + finding.score) / total)


def _finding(served: Served, limits: Limits, scenario: Scenario, program: Program) -> Finding:
    execution, seen = served.execution, served.seen
    if seen.stopped:
        reason = _STOPPED[seen.stopped]
        return Finding(kind=VerdictKind.POLICY, score=0.0, execution=execution, reason=reason)
    stopped = broken(execution, limits)
    if stopped is not None:
        return stopped
    if seen.returned is None and seen.raised is None:
        return unfinished(execution, limits, None)
    outcome = _wrong_outcome(seen, scenario, program)
    manners = wrongs(seen, scenario)
    found = (*((outcome,) if outcome else ()), *manners)
    if not found:
        return Finding(kind=VerdictKind.PASSED, score=1.0, execution=execution)
    kind, error = _kind(served, limits, scenario)
    return Finding(
        kind=kind,
        score=1 - len(found) / (checks() + 1),
        execution=execution,
        error=error,
        reason=f"{len(found)} things are wrong with the client" if len(found) > 1 else "",
        failures=(*(wrong.sentence for wrong in found[:_SHOWN]), told(seen)),
        signature=(*manners, *found)[0].name,
    )


def _kind(served: Served, limits: Limits, scenario: Scenario) -> tuple[VerdictKind, GuestError | None]:
    """Return what the verdict is called, and the exception if it is to blame."""
    raised = served.seen.raised
    if raised is None or raised.name == scenario.raises:
        return VerdictKind.TESTS_FAILED, None
    error = GuestError(name=raised.name[:500], value=raised.value, line=raised.line)
    return unfinished(served.execution, limits, error).kind, error


def _wrong_outcome(seen: Seen, scenario: Scenario, program: Program) -> Wrong | None:
    call = f"{program.entry_point}({', '.join(repr(value) for value in scenario.args)})"[:_SHOWN_VALUE]
    if seen.raised is not None:
        if seen.raised.name == scenario.raises:
            return None
        line = f" (line {seen.raised.line})" if seen.raised.line else ""
        wanted = f", {scenario.raises} was wanted" if scenario.raises else ""
        said = f"{seen.raised.name}{line}: {seen.raised.value[:_SHOWN_VALUE]}"
        return Wrong(seen.raised.name, f"{call} raised {said}{wanted}")
    returned = seen.returned or ""
    if scenario.raises is not None:
        return Wrong("NotRaised", f"{call} returned {returned[:_SHOWN_VALUE]}, {scenario.raises} was wanted")
    if same_value(scenario.returns, _value(returned)):
        return None
    return Wrong(
        "WrongValue", f"{call} returned {returned[:_SHOWN_VALUE]}, which is not what the service has"
    )


def _value(text: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        return {"value": "too large"}
    return value
