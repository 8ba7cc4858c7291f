"""A toy domain: programs must print a number that its check divides, and the model is never told which."""

from __future__ import annotations

from dataclasses import dataclass

from tta_dev_primitives.ace import CodeTask
from tta_dev_primitives.ace.checks import Finding, broken
from tta_dev_primitives.ace.domain_check import DomainCheck
from tta_dev_primitives.ace.reading_stdin import run_alone
from tta_dev_primitives.ace.task import Task
from tta_dev_primitives.ace.verdict import VerdictKind
from tta_dev_primitives.ace.vocabulary import Vocabulary
from tta_dev_primitives.core.errors import InvalidTask
from tta_dev_primitives.learners.domain import Domain, DomainLearner
from tta_dev_primitives.sandbox import Limits, Sandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Multiple:
    """Print a multiple of `of`."""

    ask: str
    of: int


class MultipleCheck(DomainCheck):
    of: int

    async def prepare(self, sandbox: Sandbox, limits: Limits, task: Task) -> None:  # noqa: ARG002  # the seam's
        if self.of == 0:
            raise InvalidTask("of=0 divides nothing")

    async def judge(self, sandbox: Sandbox, limits: Limits, task: Task, code: str) -> Finding:
        execution = await run_alone(sandbox, limits, task, code, files=task.files, stdin=task.stdin)
        stopped = broken(execution, limits)
        if stopped is not None:
            return stopped
        right = int(execution.stdout) % self.of == 0
        return Finding(
            kind=VerdictKind.PASSED if right else VerdictKind.TESTS_FAILED,
            score=float(right),
            execution=execution,
            reason="" if right else "it is no multiple",
            signature="" if right else "NoMultiple",
        )


class ToyLearner(DomainLearner[Multiple]):
    domain = Domain(
        name="toys",
        vocabulary=Vocabulary(
            libraries=("abacus",), error_signatures=("NoMultiple",), keywords=("multiple",)
        ),
        starter="tests.learners",
        task=Multiple,
    )

    async def code_task(self, task: Multiple) -> CodeTask:
        return CodeTask(task=task.ask, checks=[MultipleCheck(of=task.of)], family="multiples")
