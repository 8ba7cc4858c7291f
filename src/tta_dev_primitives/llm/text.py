"""Text that can be sent and stored."""

from __future__ import annotations


def encodable(text: str) -> str:
    """Return `text` with lone surrogates, which UTF-8 cannot hold, as question marks."""
    return text.encode("utf-8", "replace").decode()
