"""Trial: a program with all that its runs depend on, but for the files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...ace.reading_stdin import run_alone
from ...ace.task import Task
from ...sandbox.types import Execution, Limits, Sandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A program under trial: `code`, run in `sandbox` within `limits`."""

    sandbox: Sandbox
    limits: Limits
    task: Task
    code: str

    async def run(self, files: Mapping[str, bytes]) -> Execution:
        """Run it with `files` beside it.

        Raises:
            SandboxError: the sandbox failed, which says nothing about the program.
        """
        return await run_alone(
            self.sandbox, self.limits, self.task, self.code, files=files, stdin=self.task.stdin
        )

    async def idle(self) -> Execution:
        """Run an empty program instead, for what a run takes by itself; raises as `run` does."""
        return await run_alone(self.sandbox, self.limits, self.task, "", files={}, stdin=None)
