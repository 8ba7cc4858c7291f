"""Make text of a guest or a model fit for prompts and storage: cleaned, redacted, capped, and marked as data.

Hygiene, not a defence: the sandbox holds no secret, and verdicts never come from text.
"""

from __future__ import annotations

import hashlib
import json
import re

from ..core.redaction import cap, redact, redact_lesson, redact_stored
from ..core.visible import visible

__all__ = [
    "cap",
    "clean",
    "code_block",
    "data_block",
    "redact",
    "redact_lesson",
    "redact_stored",
    "visible",
]

_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,16}\b")


def clean(text: str) -> str:
    """Return `text` fit for a prompt: what nobody sees is gone, and addresses in memory are all alike."""
    return _ADDRESS.sub("0x...", visible(text.replace("\r\n", "\n")))


def data_block(label: str, text: str) -> str:
    """Return `text` as JSON strings, a line each, between marks that the text itself cannot forge.

    The mark is a hash of the text, so text would have to contain its own hash to close the block early. Equal
    text gives an equal block, which keeps prompts stable and recordings replayable.
    """
    rows = "\n".join(_row(line) for line in text.split("\n"))
    return _marked(label, text, rows)


def code_block(text: str) -> str:
    """Return a program as it is, between such marks: escaped code is hard to read and to copy."""
    return _marked("code", text, text)


def _marked(label: str, text: str, rows: str) -> str:
    mark = hashlib.sha256(f"{label}\0{text}".encode(errors="replace")).hexdigest()[:16]
    return f"<data {label} {mark}>\n{rows}\n</data {mark}>"


def _row(line: str) -> str:
    return json.dumps(line, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")
