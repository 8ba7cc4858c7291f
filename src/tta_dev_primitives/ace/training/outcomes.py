"""Outcomes: what programs really did, kept so that a run that goes on after a kill sees the same again.

A program that prints the time, or takes nearly as long as it may, would show a model something else when it
is run a second time; the answers paid for would then no longer belong to the questions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...core.context import WorkflowContext
from ...core.secrets import NO_SECRETS, Secrets
from ...llm.text import encodable
from ...sandbox.types import Execution, Limits, Logs, Sandbox
from ..attempt import Probe
from ..evaluator import Evaluator, Judgement
from ..hygiene import cap, redact
from ..loop import Loop
from ..probing import Prober
from ..task import Task
from ..value import Value
from .lines import Lines

_MAX_STREAM = 20_000


class Outcome(Value):
    """What came of a program, or of several probes, of a task in one part of the run."""

    scope: str
    task_id: str
    code: str
    judgement: Judgement | None = None
    probes: tuple[Probe, ...] = ()


class Outcomes:
    """The outcomes in the file at `path`, and those still to come."""

    def __init__(self, path: Path) -> None:
        self._lines = Lines(path, Outcome)
        self._known = {(one.scope, one.task_id, one.code): one for one in self._lines.values}

    def within(self, scope: str, loop: Loop, *, limits: Limits) -> Loop:
        """Return `loop` for a part of the run, in which no program is judged twice."""
        return replace(
            loop,
            evaluator=_Evaluator(loop.sandbox, limits, self, scope),
            prober=_Prober(sandbox=loop.sandbox, limits=limits, outcomes=self, scope=scope),
        )

    def find(self, scope: str, task: Task, code: str) -> Outcome | None:
        """Return what is known of `code`."""
        return self._known.get((scope, task.id, _hash(code)))

    def keep(self, scope: str, task: Task, code: str, make: Callable[[str], Outcome]) -> Outcome:
        """Keep what `make` returns for the hash of `code`, and return it as it will be read again."""
        outcome = self._lines.add(make(_hash(code)))
        self._known[scope, task.id, outcome.code] = outcome
        return outcome

    def close(self) -> None:
        """Close the file. Idempotent."""
        self._lines.close()


class _Evaluator(Evaluator):
    """Judges a program once."""

    def __init__(self, sandbox: Sandbox, limits: Limits, outcomes: Outcomes, scope: str) -> None:
        super().__init__(sandbox, limits)
        self._outcomes, self._scope = outcomes, scope

    async def judge(self, task: Task, code: str, context: WorkflowContext | None = None) -> Judgement:
        known = self._outcomes.find(self._scope, task, code)
        if known is None or known.judgement is None:
            judged = await super().judge(task, code, context)
            judgement = _slim(judged, context.secrets.now if context else NO_SECRETS)
            known = self._outcomes.keep(
                self._scope,
                task,
                code,
                lambda digest: Outcome(scope=self._scope, task_id=task.id, code=digest, judgement=judgement),
            )
        assert known.judgement is not None  # noqa: S101  # it was just kept
        return known.judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prober(Prober):
    """Runs probes once."""

    outcomes: Outcomes
    scope: str

    async def run(
        self, task: Task, programs: Sequence[str], context: WorkflowContext | None = None
    ) -> tuple[Probe, ...]:
        code = "\0".join(programs)
        known = self.outcomes.find(self.scope, task, code)
        if known is None:
            probes = await Prober.run(self, task, programs, context)
            known = self.outcomes.keep(
                self.scope,
                task,
                code,
                lambda digest: Outcome(scope=self.scope, task_id=task.id, code=digest, probes=probes),
            )
        return known.probes


def _slim(judgement: Judgement, secrets: Secrets) -> Judgement:
    """Leave out what nothing after the verdict looks at, and secrets, as the verdict is there."""
    verdict = replace(
        judgement.verdict,
        feedback=_short(judgement.verdict.feedback, secrets),
        error_signature=_short(judgement.verdict.error_signature, secrets),
    )
    executions = (_slim_execution(execution, secrets) for execution in judgement.executions)
    return Judgement(verdict=verdict, executions=tuple(executions))


def _slim_execution(execution: Execution, secrets: Secrets) -> Execution:
    error = execution.error
    if error is not None:
        error = replace(
            error, name=_short(error.name, secrets), value=_short(error.value, secrets), traceback=""
        )
    logs = Logs(stdout=(_short(execution.stdout, secrets),), stderr=(_short(execution.stderr, secrets),))
    return replace(execution, results=(), logs=logs, error=error)


def _short(text: str, secrets: Secrets) -> str:
    return encodable(cap(redact(text, secrets), _MAX_STREAM))


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode(errors="replace")).hexdigest()
