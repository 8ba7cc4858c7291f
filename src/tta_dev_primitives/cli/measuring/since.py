"""Points in time as people write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from ...core.errors import ConfigurationError

_AGO: Final = re.compile(r"(\d{1,6})([mhdw])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_since(text: str) -> datetime:
    """Return the time that a date, a date with time, or an age such as 7d means; UTC where it does not say.

    Raises:
        ConfigurationError: it is none of them.
    """
    age = _AGO.fullmatch(text.strip())
    if age is not None:
        return datetime.now(UTC) - timedelta(**{_UNITS[age[2]]: int(age[1])})
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ConfigurationError(
            f"--since {text!r} is no time; give a date such as 2026-11-01, or an age such as 30m, 12h or 7d"
        ) from None
    return when if when.tzinfo else when.replace(tzinfo=UTC)
