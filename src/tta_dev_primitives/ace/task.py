"""Task: what to program and how to tell whether the program is right."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, NotRequired, TypeAlias, TypedDict, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    InstanceOf,
    JsonValue,
    ValidationError,
    field_validator,
    model_validator,
)

from ..core.errors import InvalidTask
from ..core.visible import visible
from .domain_check import DomainCheck
from .task_files import RESERVED_FILES, check_files
from .tests_source import check_tests_source

MAX_TEXT = 200_000
"""Characters of a task, its context or its code; more does not fit a prompt."""
MAX_INPUT = 16 << 20
"""Characters that a program can be given on standard input; no model reads them."""
MAX_HIDDEN = 100
"""Hidden checks; each is a run of its own."""
_SHOWN_VALUE = 80

Text = Annotated[str, Field(max_length=MAX_TEXT, strict=True)]
Input = Annotated[str, Field(max_length=MAX_INPUT, strict=True)]
Name = Annotated[str, Field(max_length=200, strict=True, pattern=r"^[^\x00]*$")]
_BREAKS = str.maketrans("\n\t", "  ")


def _in_a_line(name: str) -> str:
    return visible(name).translate(_BREAKS)


Label = Annotated[Name, AfterValidator(_in_a_line)]
"""A name that is compared, stored and shown in a line: what nobody sees, or breaks it, is no part of it."""
Files = Mapping[Annotated[str, Field(strict=True)], bytes]
_CHECKS = {
    *("expected_output", "hidden", "entry_point", "cases", "tests", "solution_file", "files"),
    *("workload", "min_speedup", "stdin"),
}
"""Fields that tell two tasks of equal words apart."""


class CaseInput(TypedDict):
    """One call of the entry point, and the JSON value that it must return."""

    args: NotRequired[Sequence[object]]
    kwargs: NotRequired[Mapping[str, object]]
    expected: NotRequired[object]


class HiddenInput(TypedDict):
    """Other files or another input, and what the program must print with them."""

    files: NotRequired[Mapping[str, bytes | str]]
    stdin: NotRequired[str | None]
    expected_output: str


class CodeTask(TypedDict):
    """The mapping that `SelfLearningCodePrimitive.execute` takes; only `task` is required.

    `context`: facts the model should know. `code`: code to start from. `expected_output`: what the program
    must print, and `stdin` what it can read. `entry_point` and `cases`: a function and (arguments -> JSON
    value) pairs. `tests`: assert, unittest or pytest-style source. `files`: relative path -> content, put
    beside the program. `workload` and `min_speedup`: statements that use the code, timed against `code`.
    `hidden`: other files or `stdin` with their `expected_output`, of which a program is never told, so
    printing a remembered answer does not pass. `checks`: those of a domain, see `DomainCheck`. `family`:
    tasks that are alike.
    """

    task: str
    context: NotRequired[str]
    language: NotRequired[str]
    code: NotRequired[str]
    expected_output: NotRequired[str | None]
    stdin: NotRequired[str | None]
    max_iterations: NotRequired[int]
    entry_point: NotRequired[str | None]
    cases: NotRequired[Sequence[CaseInput]]
    test_cases: NotRequired[str | Sequence[str] | Sequence[CaseInput]]
    tests: NotRequired[str | None]
    solution_file: NotRequired[str]
    hidden: NotRequired[Sequence[HiddenInput]]
    files: NotRequired[Mapping[str, bytes | str]]
    workload: NotRequired[str | None]
    min_speedup: NotRequired[float]
    checks: NotRequired[Sequence[DomainCheck]]
    family: NotRequired[str]
    id: NotRequired[str]


TaskInput: TypeAlias = CodeTask | Mapping[str, object]
"""What `execute` takes: a literal with the keys of `CodeTask`, or any mapping, checked when it runs."""


class Case(BaseModel):
    """One call of the entry point and the JSON value that it must return. Compared on the host."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    args: tuple[JsonValue, ...] = ()
    kwargs: Mapping[Name, JsonValue] = Field(default_factory=dict)
    expected: JsonValue = None

    @model_validator(mode="after")
    def _can_be_written(self) -> Case:
        try:
            json.dumps([self.args, dict(self.kwargs), self.expected])
        except ValueError:
            raise ValueError(
                f"holds an integer of too many digits; at most {sys.get_int_max_str_digits()} can be sent to "
                "the program, so let it return a part or a remainder"
            ) from None
        return self


class Hidden(BaseModel):
    """Other files or another input, and what the program must print then. Never part of any feedback.

    Without `stdin` the program reads that of the task.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    files: Files = Field(default_factory=dict)
    stdin: Input | None = None
    expected_output: Text


class Task(BaseModel):
    """A validated task; see `CodeTask` for the fields. `id` defaults to a hash of what is asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: Text
    id: Label = ""
    context: Text = ""
    language: Annotated[str, Field(min_length=1, max_length=40, strict=True)] = "python"
    code: Text = ""
    expected_output: Text | None = None
    stdin: Input | None = None
    entry_point: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z_0-9]*$", strict=True)] | None = None
    cases: tuple[Case, ...] = ()
    tests: Text | None = None
    solution_file: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z_0-9]*\.py$", strict=True)] = "solution.py"
    files: Files = Field(default_factory=dict)
    hidden: Annotated[tuple[Hidden, ...], Field(max_length=MAX_HIDDEN)] = ()
    workload: Text | None = None
    min_speedup: Annotated[float, Field(gt=0)] = 1.1
    checks: Annotated[tuple[InstanceOf[DomainCheck], ...], Field(exclude=True)] = ()  # no form on paper
    max_iterations: Annotated[int, Field(ge=1, le=20)] = 3
    family: Label = "general"

    @property
    def checked(self) -> bool:
        """True if the task says how to tell whether a program is right."""
        plain = self.expected_output is not None or bool(self.cases) or self.tests is not None
        return plain or bool(self.checks)

    @property
    def names(self) -> tuple[str, ...]:
        """The names that a program for it must have or can read: of the entry point and of files."""
        return tuple(filter(None, (self.entry_point, *self.files)))

    @property
    def _needs_python(self) -> bool:
        hidden = any(hidden.stdin is not None for hidden in self.hidden)
        other = self.tests is not None or self.workload is not None or self.stdin is not None
        return bool(self.cases) or other or hidden

    @field_validator("task")
    @classmethod
    def _not_blank(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("must say what to program, and is blank")
        return value

    @field_validator("task", "context", "code", "tests", "workload", "expected_output")
    @classmethod
    def _is_text(cls, value: str | None) -> str | None:
        if value is not None and "\0" in value:
            raise ValueError("must be text, and holds a NUL byte (is it a binary file?)")
        return value

    @field_validator("tests")
    @classmethod
    def _tests_can_fail(cls, value: str | None) -> str | None:
        if value is not None:
            check_tests_source(value)
        return value

    @field_validator("solution_file")
    @classmethod
    def _is_free(cls, value: str) -> str:
        if value in RESERVED_FILES | {"tests.py"}:
            raise ValueError("is the name of a file that runs the checks; call it differently")
        return value

    @model_validator(mode="after")
    def _checks_fit_together(self) -> Task:
        if self.cases and self.entry_point is None:
            raise ValueError("cases need entry_point, the name of the function to call")
        if self.hidden and self.expected_output is None:
            raise ValueError(
                "hidden checks need expected_output, what the program prints with the given files"
            )
        if self.stdin is not None and self.expected_output is None:
            raise ValueError("stdin needs expected_output, what the program prints when it has read that")
        if self.workload is not None and not self.code:
            raise ValueError("workload needs code, the program to be faster than")
        if self.language != "python" and self._needs_python:
            raise ValueError(
                f"cases, tests, workload and stdin are for python; {self.language} takes expected_output"
            )
        return self

    @model_validator(mode="after")
    def _files_fit_beside_the_program(self) -> Task:
        _check_files("files", self.files, self.solution_file)
        for number, hidden in enumerate(self.hidden):
            together = {**self.files, **hidden.files}
            _check_files(f"hidden.{number}.files", together, self.solution_file)
        return self


def parse_task(data: Mapping[str, object]) -> Task:
    """Validate the mapping that a user passed.

    Raises:
        InvalidTask: names every wrong key with its value, and the known keys if one is unknown.
    """
    if not isinstance(data, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]  # users are not typed
        raise InvalidTask(f"a task is a mapping such as {{'task': 'Write ...'}}, not {data!r}")
    known = sorted(CodeTask.__annotations__)
    unknown = [key for key in data if key not in known]
    if unknown:
        raise InvalidTask(f"unknown keys {unknown!r} in the task; known are {', '.join(known)}")
    if "task" not in data:
        raise InvalidTask("the task has no key 'task', the sentence that says what to program")
    fields = _with_test_cases(data)
    try:
        task = Task.model_validate(fields)
    except ValidationError as error:
        raise InvalidTask(_explain(error)) from None
    return task if task.id else task.model_copy(update={"id": _content_id(task)})


def _with_test_cases(data: Mapping[str, object]) -> dict[str, object]:
    """Read `test_cases`, an older name: assert statements are tests, mappings are cases."""
    fields = dict(data)
    old = fields.pop("test_cases", None)
    if old is None:
        return fields
    if isinstance(old, str):
        return _renamed(fields, "tests", old)
    items = list(cast("list[object]", old)) if isinstance(old, list | tuple) else []
    if not items:
        raise InvalidTask(
            f"test_cases={_shown(data['test_cases'])} must be a list of assert statements or of cases, "
            "with at least one"
        )
    if all(isinstance(item, str) for item in items):
        return _renamed(fields, "tests", "\n".join(map(str, items)))
    return _renamed(fields, "cases", items)


def _renamed(fields: dict[str, object], name: str, value: object) -> dict[str, object]:
    if fields.get(name) is not None:
        raise InvalidTask(
            f"{name}={_shown(fields[name])} and test_cases={_shown(value)} are both given; give {name} or "
            "test_cases, not both"
        )
    return {**fields, name: value}


def _check_files(key: str, files: Mapping[str, bytes], solution_file: str) -> None:
    """Name the key, as an error of the whole model does not."""
    try:
        check_files(files, solution_file=solution_file)
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from None


def _explain(error: ValidationError) -> str:
    lines: list[str] = []
    for problem in error.errors(include_url=False):
        where = ".".join(map(str, problem["loc"]))
        given = f"{where}={_shown(problem['input'])}: " if where else ""
        lines.append(given + problem["msg"].removeprefix("Value error, "))
    return "invalid task: " + "; ".join(lines)


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:  # an integer of more digits than Python writes
        text = f"a {type(value).__name__} that cannot be shown"
    return text if len(text) <= _SHOWN_VALUE else f"{text[:_SHOWN_VALUE]}..."


def _content_id(task: Task) -> str:
    asked = f"{task.language}\0{task.task}\0{task.context}\0{task.code}"
    checks = task.model_dump(include=_CHECKS, exclude_defaults=True)
    if checks:
        asked += "\0" + json.dumps(checks, default=_digest, sort_keys=True)
    asked += "".join(f"\0{check.fingerprint}" for check in task.checks)
    return f"task-{hashlib.sha256(asked.encode()).hexdigest()[:12]}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
