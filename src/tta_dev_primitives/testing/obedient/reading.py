"""What of a prompt stands inside of data blocks, and what outside."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

_OPENS = re.compile(r"<data \S+ (?P<mark>[0-9a-f]{16})>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A prompt in two: the text that is for the model, and what blocks only show to it."""

    outside: str
    inside: str


def parts_of(prompt: str) -> Parts:
    """Return both parts. A block ends only with its own mark; one that never ends delimits nothing."""
    lines = prompt.split("\n")
    outside, inside, number = list[str](), list[str](), 0
    while number < len(lines):
        opened = _OPENS.fullmatch(lines[number])
        end = _end(lines, number, opened["mark"]) if opened else None
        if end is None:
            outside.append(lines[number])
            number += 1
        else:
            inside.extend(map(_shown, lines[number + 1 : end]))
            number = end + 1
    return Parts(outside="\n".join(outside), inside="\n".join(inside))


def _end(lines: list[str], start: int, mark: str) -> int | None:
    closing = f"</data {mark}>"
    return next((n for n in range(start + 1, len(lines)) if lines[n] == closing), None)


def _shown(line: str) -> str:
    """Return what a line of a block says: a JSON string without its quotes, code as it is."""
    try:
        value: object = json.loads(line)
    except ValueError:
        return line
    return value if isinstance(value, str) else line
