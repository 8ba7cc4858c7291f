"""Views: a text as it reads without its line breaks or its separators, and where each part stood."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

_BREAK: Final = re.compile(r"\n|\\n|\\r")
BLANKS: Final = " \t\r\f\v"
QUOTES: Final = f"{BLANKS}\"'\\,"
"""What wrapped text has around its lines where it stands in code or in JSON."""
_SEPARATORS: Final = re.compile(r"0x|\\x|&#x|[^0-9a-z]", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """`text` is what was kept; piece `i` of it begins at `begins[i]`, and stood at `stood[i]`."""

    text: str
    begins: tuple[int, ...]
    stood: tuple[int, ...]

    def span(self, begin: int, end: int) -> tuple[int, int]:
        """Return where the characters from `begin` until `end` stood, with what was between them."""
        return self._place(begin), self._place(end - 1) + 1

    def _place(self, index: int) -> int:
        piece = bisect_right(self.begins, index) - 1
        return self.stood[piece] + index - self.begins[piece]


def unwrapped(text: str, around: str) -> View:
    """Return `text` with its lines joined, the written line breaks too, without `around` at their ends."""
    return _view(_stripped(text, begin, end, around) for begin, end in _between(_BREAK, text))


def packed(text: str) -> View:
    """Return the letters and digits of `text` without separators and the prefixes of hexadecimal bytes."""
    return _view((begin, text[begin:end]) for begin, end in _between(_SEPARATORS, text))


def _between(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    begin = 0
    for found in pattern.finditer(text):
        yield begin, found.start()
        begin = found.end()
    yield begin, len(text)


def _stripped(text: str, begin: int, end: int, around: str) -> tuple[int, str]:
    line = text[begin:end]
    rest = line.lstrip(around)
    return begin + len(line) - len(rest), rest.rstrip(around)


def _view(pieces: Iterator[tuple[int, str]]) -> View:
    kept = [(at, piece) for at, piece in pieces if piece]
    begins = tuple(accumulate((len(piece) for _, piece in kept), initial=0))[:-1]
    return View(text="".join(piece for _, piece in kept), begins=begins, stood=tuple(at for at, _ in kept))
