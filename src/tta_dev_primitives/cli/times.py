"""Instants, for people: to the minute, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

_FORM = "%Y-%m-%d %H:%M"


def minute(iso: str) -> str:
    """Return an ISO 8601 instant to the minute; text that is none comes back as it is."""
    try:
        return datetime.fromisoformat(iso).astimezone(UTC).strftime(_FORM)
    except ValueError:
        return iso


def at_nanoseconds(at: int) -> str:
    """Return an instant in nanoseconds since 1970, UTC, to the minute."""
    return datetime.fromtimestamp(at // 10**9, UTC).strftime(_FORM)
