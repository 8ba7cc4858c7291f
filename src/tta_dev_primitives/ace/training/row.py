"""Row: one line of a task file on its way to a task, and errors that say where it stands."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ...core.errors import InvalidTask
from ..task import Task, parse_task

_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The fields of a task as its source gives them, and the reference program if there is one."""

    fields: Mapping[str, object]
    solution: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One JSON object. `place` is for people: file and line; `folder` is where its paths begin."""

    place: str
    folder: Path
    fields: Mapping[str, object]

    def text(self, key: str, default: str | None = None) -> str:
        """Return the text under `key`.

        Raises:
            InvalidTask: it is no text, or missing where there is no default.
        """
        value = self.fields.get(key, default)
        if not isinstance(value, str):
            raise self.wrong(key, "must be a text")
        return value

    def texts(self, key: str) -> list[str]:
        """Return the list of texts under `key`, empty if there is none.

        Raises:
            InvalidTask: it is no list of texts.
        """
        value = self.fields.get(key)
        items = cast("list[object]", value) if isinstance(value, list) else None
        if value is None:
            return []
        if items is None or not all(isinstance(item, str) for item in items):
            raise self.wrong(key, "must be a list of texts")
        return [str(item) for item in items]

    def part(self, key: str) -> Row:
        """Return the object under `key` as a row of its own, empty if there is none.

        Raises:
            InvalidTask: it is no object.
        """
        value = self.fields.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, "must be an object")
        return Row(place=f"{self.place}, {key}", folder=self.folder, fields=cast("dict[str, object]", value))

    def wrong(self, key: str, remedy: str) -> InvalidTask:
        """Return the error for what stands under `key`."""
        given = f"{key}={shown(self.fields[key])}" if key in self.fields else f"there is no {key!r}, which"
        return InvalidTask(f"{self.place}: {given} {remedy}")


def task_of(place: str, found: Found) -> Task:
    """Return the validated task.

    Raises:
        InvalidTask: a key is wrong; the message begins with `place`.
    """
    try:
        return parse_task(found.fields)
    except InvalidTask as error:
        raise InvalidTask(f"{place}: {error}") from None


def rows_of(path: Path) -> Iterator[Row]:
    """Yield the objects of a JSONL file.

    Raises:
        InvalidTask: the file cannot be read, or a line is no JSON object.
    """
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        place = f"{path}, line {number}"
        try:
            value: object = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InvalidTask(f"{place}: is not JSON ({error}); write one JSON object a line") from None
        if not isinstance(value, dict):
            raise InvalidTask(f'{place}: {shown(value)} is not an object such as {{"prompt": "Write ..."}}')
        yield Row(place=place, folder=path.parent, fields=cast("dict[str, object]", value))


def shown(value: object) -> str:
    """Return `value` in short, for a message."""
    try:
        text = repr(value)
    except RecursionError:
        return "a value that is nested too deeply"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _lines(path: Path) -> list[str]:
    try:
        # Not splitlines, for which U+2028 inside a JSON string ends a line.
        return path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise InvalidTask(f"{path} is not UTF-8 text ({error.reason}); tasks stand in a JSONL file") from None
    except OSError as error:
        raise InvalidTask(f"{path} cannot be read ({error.strerror}); name a JSONL file of tasks") from None
