"""Values of an SQLite file, which may have another type than was stored where it is damaged."""

from __future__ import annotations


def as_text(value: object) -> str:
    """Return a text of the file, empty where damage has made something else of it."""
    return value if isinstance(value, str) else ""


def as_number(value: object) -> int:
    """Return a number of the file, 0 where damage has made something else of it."""
    return value if isinstance(value, int) else 0
