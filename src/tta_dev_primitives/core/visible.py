"""Visible text: what nobody sees is gone, so that equal looks are equal bytes."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Invisible, but of a letter or mark category: fillers, the grapheme joiner and all variation selectors.
_HIDDEN: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
    + "".join(map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)
_KEPT_CONTROLS: Final = "\n\t"
_MOST_MARKS: Final = 30
"""Combining marks in a row; many more take quadratic time to normalize. Source: UAX #15, Stream-Safe Text."""
_PLAIN: Final = re.compile(r"[\n\t -~]*")
"""Text that is as it should be, which nearly all text is."""


def visible(text: str) -> str:
    """Return `text` in NFC without control, bidi, zero-width, filler and tag characters."""
    if _PLAIN.fullmatch(text):
        return text
    kept = "".join(char for char in text if char in _KEPT_CONTROLS or not _is_hidden(char))
    # Cut twice, as NFC takes some marks apart into several.
    return _with_few_marks(unicodedata.normalize("NFC", _with_few_marks(kept)))


def _with_few_marks(text: str) -> str:
    """Drop what exceeds `_MOST_MARKS` combining marks in a row; no script needs as many."""
    if text.isascii():
        return text
    kept, marks = list[str](), 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= _MOST_MARKS:
            kept.append(char)
    return "".join(kept)


def _is_hidden(char: str) -> bool:
    return char in _HIDDEN or unicodedata.category(char) in _HIDDEN_CATEGORIES
