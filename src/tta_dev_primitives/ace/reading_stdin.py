"""Run a program by itself, with something to read on standard input where the task has that."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files as resources
from typing import Final

from ..sandbox.types import Execution, Limits, Sandbox
from .task import Task

_AROUND: Final = resources("tta_dev_primitives.ace.guest") / "run_with_stdin.py"


async def run_alone(  # noqa: PLR0913  # a program and all that its run depends on
    sandbox: Sandbox, limits: Limits, task: Task, code: str, *, files: Mapping[str, bytes], stdin: str | None
) -> Execution:
    """Return the run of `code` with `files` beside it; without `stdin` its standard input is empty.

    Raises:
        SandboxError: the sandbox failed, which says nothing about the program.
    """
    if stdin is None:
        return await sandbox.run_code(code, language=task.language, files=files, limits=limits)
    own = {
        "playbox_program.py": code.encode(errors="replace"),
        "playbox_stdin.txt": stdin.encode(errors="replace"),
    }
    around = _AROUND.read_text(encoding="utf-8")
    return await sandbox.run_code(around, files={**files, **own}, limits=limits)
