"""Where output goes: results to stdout, progress and errors to stderr, control sequences nowhere."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console, RenderableType
from rich.text import Text

_HEX = re.compile(r"(\b0x[0-9a-fA-F]+\b)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """The two streams. With `as_json`, stdout carries one document and nothing else."""

    out: Console
    err: Console
    as_json: bool

    def write(self, text: str) -> None:
        """Print `text` as it is, now: a reader that has gone away is noticed here and not at exit."""
        sys.stdout.write(text)
        sys.stdout.flush()

    def document(self, value: Mapping[str, object]) -> None:
        """Print `value` as the one JSON document; all of it ASCII, so that it cannot steer a terminal."""
        self.write(json.dumps(value, indent=2) + "\n")

    def show(self, *parts: RenderableType) -> None:
        """Print the parts of a result, a line each; lines are broken only on a terminal."""
        for part in parts:
            self.out.print(part, soft_wrap=isinstance(part, str | Text) and not self.out.is_terminal)

    def tell(self, *lines: RenderableType) -> None:
        """Print progress or an error."""
        for line in lines:
            self.err.print(line, soft_wrap=not self.err.is_terminal)


def open_screen(*, as_json: bool = False) -> Screen:
    """Return the screen of this process. Nothing printed is read as markup, by rich or by the terminal."""
    return Screen(out=_console(stderr=False), err=_console(stderr=True), as_json=as_json)


def safe(text: str) -> str:
    """Return text of a user, a model or a guest without control characters; hexadecimal numbers stay."""
    from ..ace.hygiene import clean  # noqa: PLC0415  # the loop takes a while to import, --help needs none

    return "".join(part if _HEX.fullmatch(part) else clean(part) for part in _HEX.split(text))


def one_line(text: str, limit: int = 160) -> str:
    """Return the first line of `text` that is not blank, safe and at most `limit` characters long."""
    first = next((line.strip() for line in safe(text).split("\n") if line.strip()), "")
    return first if len(first) <= limit else f"{first[: limit - 1]}…"


def plural(count: int, noun: str) -> str:
    """Return such as `1 attempt`, `2 attempts` or `3 strategies`."""
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun.removesuffix('y')}ies" if noun.endswith("gy") else f"{count:,} {noun}s"


def _console(*, stderr: bool) -> Console:
    return Console(stderr=stderr, markup=False, emoji=False, highlight=False)
