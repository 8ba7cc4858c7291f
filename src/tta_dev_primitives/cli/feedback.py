"""What a run's feedback says first, in one line."""

from __future__ import annotations

from .screen import one_line

_STREAMS = ("stdout:", "stderr:")


def told_in_a_line(feedback: str, kind: str, limit: int = 160) -> str:
    """Return why a program failed: the real error, or the failed checks; else the kind of its verdict."""
    rows = (row.strip() for row in feedback.split("\n"))
    told = [row for row in rows if row and not row.startswith(_STREAMS)]
    return one_line("; ".join(told), limit) or kind
