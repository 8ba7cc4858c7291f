"""Redaction: what must not leave the process is replaced, what is too long is cut."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_KEY_SHAPES = re.compile(
    r"sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|AKIA[0-9A-Z]{16}"
    r"|xox[abprs]-[A-Za-z0-9-]{10,}|AIza[0-9A-Za-z_-]{35}|e2b_[0-9a-f]{32,}|hf_[A-Za-z0-9]{30,}"
    # Bounded, or text that begins such a token everywhere would take quadratic time.
    r"|eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,8000}\.[A-Za-z0-9_-]{10,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
)
SHORTEST_SECRET: Final = 6
"""Redacting shorter values would blank out ordinary words."""


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Return `text` with `secrets` and everything shaped like a known kind of key replaced by [redacted]."""
    for secret in secrets:
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, "[redacted]")
    return _KEY_SHAPES.sub("[redacted]", text)


def cap(text: str, limit: int) -> str:
    """Return `text`, its middle left out if it is longer than `limit` characters."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n[... {len(text) - 2 * half} characters left out ...]\n{text[-half:]}"
