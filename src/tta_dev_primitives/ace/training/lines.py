"""Lines: values in a file that only grows, one a line as JSON; a killed process leaves it readable."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Generic, Self, TypeVar

from pydantic import ValidationError

from ...core.errors import ConfigurationError
from ...llm.appending import append
from ..value import Value

V = TypeVar("V", bound=Value)


class Lines(Generic[V]):
    """The values of type `form` in the file at `path`, which is made if it is not there.

    Raises:
        ConfigurationError: the file cannot be read or written, or a line before the last is damaged.
    """

    def __init__(self, path: Path, form: type[V]) -> None:
        self._path = path
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            content = path.read_bytes()
            whole = content.rfind(b"\n") + 1
            if whole < len(content):
                os.ftruncate(self._file, whole)
        except OSError as error:
            raise _unusable(path, error) from error
        self.values: list[V] = _parsed(path, content[:whole], form)

    def add(self, value: V) -> V:
        """Append `value` and return it as it will be read again."""
        line = value.model_dump_json().encode() + b"\n"
        try:
            append(self._file, line)
        except OSError as error:
            raise _unusable(self._path, error) from error
        again = type(value).model_validate_json(line)
        self.values.append(again)
        return again

    def close(self) -> None:
        """Close the file, everything in it safe on the disk. Idempotent."""
        if self._file >= 0:
            os.fsync(self._file)
            os.close(self._file)
        self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _parsed(path: Path, content: bytes, form: type[V]) -> list[V]:
    values: list[V] = []
    for number, line in enumerate(content.split(b"\n")[:-1], start=1):
        try:
            values.append(form.model_validate_json(line))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"])) or "the line"
            raise ConfigurationError(
                f"{path}, line {number}: {where}: {first['msg']}; delete the line, and it is done again"
            ) from None
    return values


def _unusable(path: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(f"{str(path)!r} cannot be read or written: {error.strerror}")
