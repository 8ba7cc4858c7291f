"""Make text of a guest or a model fit for prompts and storage: cleaned, redacted, capped, and marked as data.

Hygiene, not a defence: the sandbox holds no secret, and verdicts never come from text.
"""

from __future__ import annotations

import hashlib
import json
import re

from ..core.redaction import cap, redact, redact_lesson, redact_stored, redact_task
from ..core.visible import visible

__all__ = [
    "cap",
    "clean",
    "code_block",
    "data_block",
    "named_block",
    "quoted",
    "redact",
    "redact_lesson",
    "redact_stored",
    "redact_task",
    "shown",
    "visible",
]

_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,16}\b")
_OF_THE_HOST = re.compile(
    r"^(?=(?:expected output|actual output|stdout|stderr|passed|correct, but|right, but|right with"
    r"|the program (?:ran|ended)|stopped after|[0-9]+ of [0-9]+ (?:checks|properties))\b)",
    re.MULTILINE | re.IGNORECASE,
)
"""Lines that begin as those do in which a verdict is told."""


def clean(text: str) -> str:
    """Return `text` fit for a prompt: what nobody sees is gone, and addresses in memory are all alike."""
    return _ADDRESS.sub("0x...", visible(text.replace("\r\n", "\n")))


def quoted(text: str) -> str:
    """Return what a guest says, cleaned; a line of it that could be the host's verdict begins with a bar."""
    return _OF_THE_HOST.sub("| ", clean(text))


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
