"""Make text of a guest or a model fit for prompts and storage: cleaned, redacted, capped, and marked as data.

Hygiene, not a defence: the sandbox holds no secret, and verdicts never come from text.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata

from ..core.redaction import cap, redact

__all__ = ["cap", "clean", "code_block", "data_block", "named_block", "redact", "shown", "visible"]

_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,16}\b")
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Invisible, but of a letter or mark category: fillers, the grapheme joiner and all variation selectors.
_HIDDEN = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
    + "".join(map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)
_KEPT_CONTROLS = "\n\t"
_MOST_MARKS = 30
"""Combining marks in a row; many more take quadratic time to normalize. Source: UAX #15, Stream-Safe Text."""


def visible(text: str) -> str:
    """Return `text` in NFC without control, bidi, zero-width, filler and tag characters."""
    kept = "".join(char for char in text if char in _KEPT_CONTROLS or not _is_hidden(char))
    # Cut twice, as NFC takes some marks apart into several.
    return _with_few_marks(unicodedata.normalize("NFC", _with_few_marks(kept)))


def clean(text: str) -> str:
    """Return `text` fit for a prompt: what nobody sees is gone, and addresses in memory are all alike."""
    return _ADDRESS.sub("0x...", visible(text.replace("\r\n", "\n")))


def data_block(label: str, text: str) -> str:
    """Return `text` as JSON strings, a line each, between marks that the text itself cannot forge.

    The mark is a hash of the text, so text would have to contain its own hash to close the block early. Equal
    text gives an equal block, which keeps prompts stable and recordings replayable.
    """
    return _marked(label, _rows(text), mark=f"{label}\0{text}")


def named_block(label: str, text: str, *, name: str) -> str:
    """Return `text` as `data_block` does, marked by `name` alone: what is added at its end changes no mark.

    Who knows the mark cannot close the block either, as rows have no angle brackets.
    """
    return _marked(label, _rows(text), mark=f"{label}\0{name}")


def code_block(text: str) -> str:
    """Return a program as it is, between such marks: escaped code is hard to read and to copy."""
    return _marked("code", text, mark=f"code\0{text}")


def _marked(label: str, rows: str, *, mark: str) -> str:
    digest = hashlib.sha256(mark.encode(errors="replace")).hexdigest()[:16]
    return f"<data {label} {digest}>\n{rows}\n</data {digest}>"


def _rows(text: str) -> str:
    return "\n".join(map(_row, text.split("\n")))


def _row(line: str) -> str:
    return f'"{shown(line)}"'


def shown(line: str) -> str:
    """Return one line of text as a block of data shows it, without the quotes around it."""
    escaped = json.dumps(line, ensure_ascii=False)[1:-1]
    return escaped.replace("<", "\\u003c").replace(">", "\\u003e")


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
