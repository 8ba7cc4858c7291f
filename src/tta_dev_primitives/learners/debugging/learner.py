"""DebuggingLearner: fixes code, and learns from what really made its tests pass."""

from __future__ import annotations

from ...ace.hygiene import data_block, redact
from ...ace.task import CodeTask, parse_task
from ...ace.vocabulary import Vocabulary
from ...core.errors import InvalidTask
from ..domain import Domain, DomainLearner
from .before import Before, run_before
from .fix_check import FixCheck
from .task import DebuggingTask

DEBUGGING = Domain(
    name="debugging",
    vocabulary=Vocabulary(
        libraries=("asyncio", "datetime", "decimal", "json", "pytest", "re", "sqlite3", "unittest"),
        error_signatures=(
            *("AssertionError", "AttributeError", "IndexError", "KeyError", "NameError", "RecursionError"),
            *("TypeError", "UnboundLocalError", "UnicodeDecodeError", "ValueError", "ZeroDivisionError"),
        ),
        keywords=(
            *("alias", "boundary", "closure", "default argument", "encoding", "float", "mutable"),
            *("off by one", "rounding", "timezone", "truncation"),
        ),
    ),
    starter=__package__,
    task=DebuggingTask,
)


class DebuggingLearner(DomainLearner[DebuggingTask]):
    """Fixes `DebuggingTask`s; see `DomainLearner` for its arguments."""

    domain = DEBUGGING

    async def code_task(self, task: DebuggingTask) -> CodeTask:
        """Run the tests with the given code, and return the task to fix what fails.

        Raises:
            InvalidTask: no test fails with the given code, or not every time.
            SandboxError: the sandbox failed.
        """
        asked = _plain(task)
        before = await run_before(self.sandbox, self.limits, parse_task(asked), task.tests)
        said = data_block("failing", redact(before.said))
        check = FixCheck(
            tests=task.tests,
            failed=before.failed,
            passed=before.passed,
            wanted=_wanted(task, before),
            hidden_tests=task.hidden_tests,
        )
        return {**asked, "task": f"{task.task}\n\nTests that fail:\n{said}", "checks": [check]}


def _plain(task: DebuggingTask) -> CodeTask:
    asked = CodeTask(
        task=task.task,
        context=task.context,
        code=task.code,
        files=task.files,
        solution_file=task.solution_file,
        max_iterations=task.max_iterations,
        family=task.family,
    )
    return {**asked, "id": task.id} if task.id else asked


def _wanted(task: DebuggingTask, before: Before) -> tuple[str, ...]:
    """Return the tests that a fix must make pass.

    Raises:
        InvalidTask: one of those that are wanted does not fail.
    """
    if before.failed:
        strange = [name for name in task.wanted if name not in before.failed]
        if strange:
            known = ", ".join(before.failed)
            raise InvalidTask(f"wanted={strange[0]!r} does not fail with the given code; what fails: {known}")
    return task.wanted or before.failed
