"""When the other side says how long to wait before asking again."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def carried_retry_after(error: Exception) -> float | None:
    """Return the seconds that an error asks to wait at least, or None if it does not say.

    That is its attribute `retry_after_s`, or the header `Retry-After` in its `headers` or `response.headers`,
    as errors of urllib, aiohttp, httpx and requests, and of SDKs made with those, have it.
    """
    value: object = getattr(error, "retry_after_s", None)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    found = (_header(error), _header(getattr(error, "response", None)))
    return next((parse_retry_after(text) for text in found if text), None)


def _header(holder: object) -> str | None:
    get: object = getattr(getattr(holder, "headers", None), "get", None)
    value: object = get("retry-after") or get("Retry-After") if callable(get) else None
    return value if isinstance(value, str) else None


def parse_retry_after(header: str | None, *, now: datetime | None = None) -> float | None:
    """Return the seconds that an HTTP `Retry-After` header asks for, or None if it is absent or malformed.

    A date in the past is 0.

    Source: RFC 9110, section 10.2.3.
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        due = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    due = due if due.tzinfo else due.replace(tzinfo=UTC)
    return max(0.0, (due - (now or datetime.now(UTC))).total_seconds())


def sane(asked: float | None) -> float:
    """Return a wait that somebody else asked for, with nonsense (negative, not a number) as 0."""
    return max(0.0, asked or 0.0)  # nan is above nothing, so it is 0 as well
