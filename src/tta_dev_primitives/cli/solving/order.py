"""From the options of `playbox run` to a task for the loop."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ...ace.task import MAX_TEXT, CodeTask
from ...ace.task_files import RESERVED_FILES
from ...core.budget import Budget
from ...core.errors import ConfigurationError, InvalidTask
from ...settings import Settings
from ..reading import STDIN, read_stdin, read_text

_MODULE: Final = re.compile(r"[A-Za-z_][A-Za-z_0-9]*\.py")
_TAKEN: Final = sys.stdlib_module_names | {"tests"} | {name.partition(".")[0] for name in RESERVED_FILES}
"""Modules that the sandbox needs itself. Any other file's name is kept, as its tests import it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the run may use; None leaves it to the settings."""

    usd: float | None = None
    tokens: int | None = None
    calls: int | None = None
    seconds: float | None = None

    def budget(self, settings: Settings) -> Budget | None:
        """Return an account with these limits, or those of `settings`, or None if there are none."""
        usd = settings.budget_usd if self.usd is None else self.usd
        tokens = settings.budget_tokens if self.tokens is None else self.tokens
        calls = settings.budget_calls if self.calls is None else self.calls
        return None if usd is tokens is calls is None else Budget(usd=usd, tokens=tokens, calls=calls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One `playbox run`."""

    task: CodeTask
    model: str | None
    playbook: str | None
    sandbox: str | None
    candidates: int
    limits: Limits
    out: Path | None


def read_task(  # noqa: PLR0913  # one for each option
    task: str,
    *,
    facts: str,
    code: Path | None,
    language: str,
    expect: str | None,
    tests: Path | None,
    max_iterations: int,
) -> CodeTask:
    """Return the task, with what its options name read from files and stdin.

    Raises:
        InvalidTask: a file is missing, too long or no text, or stdin is asked for twice.
    """
    if task == STDIN and str(code) == STDIN:
        raise InvalidTask("task='-' and code='-': stdin can be read only once; name a file for one of them")
    asked = CodeTask(task=_stdin("task") if task == STDIN else task, context=_text("context", facts) or "")
    asked["language"], asked["max_iterations"] = language, max_iterations
    if code is not None:
        asked["code"] = _stdin("code") if str(code) == STDIN else _file("code", code)
        if _MODULE.fullmatch(code.name) and code.stem not in _TAKEN:
            asked["solution_file"] = code.name
    if expect is not None:
        asked["expected_output"] = _text("expect", expect)
    if tests is not None:
        asked["tests"] = _file("tests", tests)
    return asked


def check_out(path: Path | None) -> None:
    """Refuse a place that cannot be written before a model is paid.

    Raises:
        ConfigurationError: it is a folder, or its folder is missing.
    """
    if path is not None and (path.is_dir() or not path.parent.is_dir()):
        raise ConfigurationError(f"--out {str(path)!r} cannot be written; name a file in an existing folder")


def _text(option: str, value: str) -> str:
    return _file(option, Path(value[1:])) if value.startswith("@") and value != "@" else value


def _file(option: str, path: Path) -> str:
    return read_text(option, path, MAX_TEXT)


def _stdin(option: str) -> str:
    return read_stdin(option, MAX_TEXT)
