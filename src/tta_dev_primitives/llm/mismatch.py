"""Say where a request differs from what was recorded."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Final

from .tape import SECTIONS, Entry, Key

_SHOWN: Final = 160  # characters of a differing line
_NEAREST: Final = 3


def no_entry(key: Key, recorded: Iterable[Key]) -> str:
    """Return the message for a question that was never recorded."""
    by_text = {str(known): known for known in sorted(set(recorded))}
    near = difflib.get_close_matches(str(key), list(by_text), n=_NEAREST, cutoff=0.0)
    return f"no answer was recorded for {key}; nearest are {', '.join(near)}. Record it with record:MODEL"


def other_request(key: Key, asked: str, entries: Sequence[Entry]) -> str:
    """Return the message for a question that was recorded with another text; the closest one is compared."""
    lines = asked.split("\n")
    closest = max(entries, key=lambda entry: _likeness(lines, entry.request.split("\n")))
    return (
        f"the request {key} is not the recorded one: {_first_difference(closest.request, asked)}. "
        "Record it again with record:MODEL, or restore the prompt"
    )


def _likeness(one: list[str], other: list[str]) -> float:
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()


def _first_difference(recorded: str, asked: str) -> str:
    """Name the first differing line: its number within its section, and both versions."""
    section, number = "request", 0
    for old, new in zip_longest(recorded.split("\n"), asked.split("\n")):
        if old != new:
            break
        section, number = (old[3:], 0) if old in SECTIONS else (section, number + 1)
    else:
        return "nothing differs"
    return f"line {number + 1} of the {section} was recorded as {_shown(old)} and is now {_shown(new)}"


def _shown(line: str | None) -> str:
    if line is None or line in SECTIONS:
        return "nothing (the text ends before it)"
    return repr(line if len(line) <= _SHOWN else line[:_SHOWN] + "...")
