"""Program: what runs beside a service, and the call that is made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from ..types import NO_FILES


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A Python program whose `entry_point` is called once with `args` and `kwargs`.

    It runs as `solution_file`; `files` (relative path -> text) lie beside it.
    """

    code: str
    entry_point: str
    args: Sequence[JsonValue] = ()
    kwargs: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    solution_file: str = "solution.py"
    files: Mapping[str, bytes] = field(default_factory=lambda: NO_FILES)

    def config(self) -> Mapping[str, JsonValue]:
        """Return it as JSON."""
        return {
            "source": self.code,
            "entry_point": self.entry_point,
            "args": list(self.args),
            "kwargs": dict(self.kwargs),
            "solution_file": self.solution_file,
            "files": {path: content.decode("latin-1") for path, content in self.files.items()},
        }
