"""Read a task set in whatever layout it comes, told by its shape or by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

from ....core.errors import ConfigurationError, InvalidTask
from ...task import Task
from ..row import Found, Row, rows_of, task_of
from ..task_set import TaskSet
from . import exercism, humaneval, livecodebench, mbpp, playbox, quixbugs, solved_rows

_Placed: TypeAlias = Iterable[tuple[str, Found | str]]

_LINES: Final[Mapping[str, Callable[[Row], Found]]] = MappingProxyType(
    {
        "playbox": playbox.from_row,
        "rows": solved_rows.from_row,
        "humaneval": humaneval.from_row,
        "mbpp": mbpp.from_row,
        "livecodebench": livecodebench.from_row,
    }
)
_FOLDERS: Final[Mapping[str, Callable[[Path], _Placed]]] = MappingProxyType(
    {"exercism": exercism.read, "quixbugs": quixbugs.read}
)
FORMATS: Final = (*_LINES, *_FOLDERS)
"""Names of the layouts; `rows` has prompt, tests, canonical_solution and meta."""


def read_tasks(path: Path, form: str | None = None) -> TaskSet:
    """Return the tasks at `path`, a JSONL file or the folder of a public set; without `form` by its shape.

    Raises:
        InvalidTask: nothing is there, or a task is wrong; the message names file, line and key.
        ConfigurationError: there is no such form, or it is for files and `path` is a folder.
    """
    form = form or (_of_folder(path) if path.is_dir() else None)
    if form is not None and form not in FORMATS:
        raise ConfigurationError(f"there is no task format {form!r}; choose one of {', '.join(FORMATS)}")
    if form is not None and path.is_dir() != (form in _FOLDERS):
        kind = "the folder of a clone" if form in _FOLDERS else "a JSONL file"
        raise ConfigurationError(f"the format {form!r} reads {kind}, and {str(path)!r} is none")
    read_folder = _FOLDERS.get(form or "")
    return _collected(path, read_folder(path) if read_folder else _from_lines(path, form))


def _from_lines(path: Path, form: str | None) -> Iterator[tuple[str, Found]]:
    for row in rows_of(path):
        form = form or _of_row(row)
        yield row.place, _LINES[form](row)


def _collected(path: Path, placed: _Placed) -> TaskSet:
    tasks, solutions, left_out = list[Task](), dict[str, str](), list[str]()
    for place, item in placed:
        if isinstance(item, str):
            left_out.append(item)
            continue
        task = task_of(place, item)
        tasks.append(task)
        if item.solution:
            solutions[task.id] = item.solution
    return TaskSet(
        name=path.name or str(path),
        tasks=tuple(tasks),
        solutions=MappingProxyType(solutions),
        left_out=tuple(left_out),
    )


def _of_row(row: Row) -> str:
    """Return the layout that the first line has."""
    keys = row.fields.keys()
    if "question_content" in keys:
        return "livecodebench"
    if "test_list" in keys:
        return "mbpp"
    if {"task_id", "test", "entry_point"} <= keys:
        return "humaneval"
    if {"canonical_solution", "tests", "prompt"} <= keys:
        return "rows"
    return "playbox"


def _of_folder(path: Path) -> str:
    if quixbugs.is_here(path):
        return "quixbugs"
    if exercism.is_here(path):
        return "exercism"
    raise InvalidTask(
        f"the folder {str(path)!r} holds neither QuixBugs nor Exercism's Python track; name a JSONL file"
    )
