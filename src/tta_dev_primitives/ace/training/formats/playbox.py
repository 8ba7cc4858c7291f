"""Our own task file: one task a line, with the keys of `CodeTask` and a few that make files easy to write."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from ....core.errors import InvalidTask
from ....llm.text import encodable
from ...task import CodeTask, Hidden, Task
from ...task_files import MAX_FILES_BYTES
from ..row import Found, Row
from ..task_set import TaskSet

_OWN = frozenset({"prompt", "solution"})
_FORMS = 'a text, {"base64": "..."} or {"path": "relative/to/this/file"}'


def from_row(row: Row) -> Found:
    """Return the task of a line.

    `prompt` is another name of `task`, `solution` a reference program. A file is a text, or an object with
    `base64` or `path`; a path is relative to the task file and stays below its folder.

    Raises:
        InvalidTask: an unknown key, `task` and `prompt` both, or a file that cannot be had.
    """
    known = {*CodeTask.__annotations__, *_OWN}
    unknown = sorted(row.fields.keys() - known)
    if unknown:
        raise InvalidTask(f"{row.place}: unknown keys {unknown!r}; known are {', '.join(sorted(known))}")
    fields = {key: value for key, value in row.fields.items() if key not in _OWN}
    if "prompt" in row.fields:
        if "task" in fields:
            raise row.wrong("prompt", "and 'task' are both given; give one of them")
        fields["task"] = row.text("prompt")
    if "files" in fields:
        fields["files"] = _files(row)
    if "hidden" in fields:
        fields["hidden"] = [_hidden(row, number, value) for number, value in enumerate(_list(row, "hidden"))]
    return Found(fields=fields, solution=row.text("solution", ""))


def to_lines(tasks: TaskSet) -> str:
    """Return `tasks` as a file of this form; reading it gives the same set, wherever it is moved."""
    return "".join(f"{_json(_line(task, tasks.solutions))}\n" for task in tasks.tasks)


def _json(line: Mapping[str, object]) -> str:
    """Return `line` as people read it, or escaped where UTF-8 cannot hold it: a lone surrogate in a case."""
    text = json.dumps(line, ensure_ascii=False)
    return text if encodable(text) == text else json.dumps(line)


def _line(task: Task, solutions: Mapping[str, str]) -> Mapping[str, object]:
    plain = task.model_dump(mode="json", exclude_defaults=True, exclude={"id", "task", "files", "hidden"})
    line: dict[str, object] = {"id": task.id, "prompt": task.task, **plain}
    if task.files:
        line["files"] = _written(task.files)
    if task.hidden:
        line["hidden"] = [_hidden_written(hidden) for hidden in task.hidden]
    return line | ({"solution": solutions[task.id]} if task.id in solutions else {})


def _hidden_written(hidden: Hidden) -> Mapping[str, object]:
    plain = hidden.model_dump(exclude_defaults=True, exclude={"files"})
    return {**plain, "files": _written(hidden.files)} if hidden.files else plain


def _written(files: Mapping[str, bytes]) -> Mapping[str, object]:
    return {name: _as_json(content) for name, content in files.items()}


def _as_json(content: bytes) -> object:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode()}


def _files(row: Row) -> dict[str, bytes]:
    return {name: _content(row, name, value) for name, value in row.part("files").fields.items()}


def _hidden(row: Row, number: int, value: object) -> object:
    if not isinstance(value, dict) or "files" not in value:
        return value  # pyright: ignore[reportUnknownVariableType]  # the task tells what is wrong with it
    fields = cast("dict[str, object]", value)
    inner = Row(place=f"{row.place}, hidden {number + 1}", folder=row.folder, fields=fields)
    return {**fields, "files": _files(inner)}


def _list(row: Row, key: str) -> list[object]:
    value = row.fields[key]
    if not isinstance(value, list):
        raise row.wrong(key, "must be a list")
    return cast("list[object]", value)


def _content(row: Row, name: str, value: object) -> bytes:
    if isinstance(value, str):
        return value.encode(errors="replace")
    given = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    match given:
        case {"base64": str(text), **rest} if not rest:
            return _decoded(row, name, text)
        case {"path": str(path), **rest} if not rest:
            return _read(row, name, path)
        case _:
            raise InvalidTask(f"{row.place}: files: {name!r} must be {_FORMS}")


def _decoded(row: Row, name: str, text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidTask(f"{row.place}: files: {name!r} is not base64 ({error}); encode it again") from None


def _read(row: Row, name: str, path: str) -> bytes:
    """Return a file below the task file's folder, followed to where it really is."""
    folder = row.folder.resolve()
    place = f"{row.place}: files: {name!r}: path {path!r}"
    try:
        file = (folder / Path(path)).resolve()
        if Path(path).is_absolute() or not file.is_relative_to(folder):
            raise InvalidTask(
                f"{place} leaves the folder of the task file; put the file below {str(folder)!r}"
            )
        if file.stat().st_size > MAX_FILES_BYTES:
            raise InvalidTask(f"{place} has more than {MAX_FILES_BYTES >> 20} MiB; give a part of it")
        return file.read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, InvalidTask):
            raise
        raise InvalidTask(f"{place} cannot be read ({error}); check the name") from None
