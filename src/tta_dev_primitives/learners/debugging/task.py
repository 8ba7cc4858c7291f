"""DebuggingTask: code, and tests of which some fail with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...ace.tests_source import check_tests_source
from ...core.errors import InvalidTask


@dataclass(frozen=True, slots=True, kw_only=True)
class DebuggingTask:
    """What to fix. `tests` are assert, unittest or pytest-style source and stay with the host.

    Which tests fail with `code` is found out by running them; no model is shown more than what those say.
    `wanted` are names of tests that shall pass; without any, all shall. `hidden_tests` are run with a fix
    that passes `tests`, and nothing is told of them: a program that remembers expected values fails them.
    `files`: relative path -> content, beside the code, which the tests import as `solution_file`.
    """

    code: str
    tests: str
    task: str = "Fix the code: some of its tests fail."
    context: str = ""
    wanted: tuple[str, ...] = ()
    hidden_tests: str | None = None
    files: Mapping[str, bytes | str] = field(default_factory=dict[str, bytes | str])
    solution_file: str = "solution.py"
    max_iterations: int = 3
    family: str = "debugging"
    id: str = ""

    def __post_init__(self) -> None:
        if not self.code.strip():
            raise InvalidTask("code is blank, so there is nothing to fix; give the code that fails")
        for name, source in (("tests", self.tests), ("hidden_tests", self.hidden_tests)):
            try:
                if source is not None:
                    check_tests_source(source)
            except ValueError as error:
                raise InvalidTask(f"{name}={source[:80] if source else source!r}: {error}") from None
