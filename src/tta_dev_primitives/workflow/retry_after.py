"""When the other side says how long to wait before asking again."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def carried_retry_after(error: Exception) -> float | None:
    """Return the seconds in the attribute `retry_after_s` of an error, or None if it carries none."""
    value: object = getattr(error, "retry_after_s", None)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def parse_retry_after(header: str | None, *, now: datetime | None = None) -> float | None:
    """Return the seconds that an HTTP `Retry-After` header asks for, or None if it is absent or malformed.

    A date in the past is 0. For errors of httpx or requests:

        retry_after=lambda error: parse_retry_after(error.response.headers.get("retry-after"))

    Source: RFC 9110, section 10.2.3.
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        due = parsedate_to_datetime(text)
    except ValueError:
        return None
    due = due if due.tzinfo else due.replace(tzinfo=UTC)
    return max(0.0, (due - (now or datetime.now(UTC))).total_seconds())


def sane(asked: float | None) -> float:
    """Return a wait that somebody else asked for, with nonsense (negative, not a number) as 0."""
    return 0.0 if asked is None or math.isnan(asked) else max(0.0, asked)
