"""What a constructor takes as a number of seconds or of things, checked where it is given."""

from __future__ import annotations

import math

from ..core.errors import ConfigurationError


def seconds(name: str, value: object) -> float:
    """Return `value` if it is finite and above 0.

    Raises:
        ConfigurationError: it is not, or no number.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise ConfigurationError(f"{name}={value!r} must be a finite number of seconds above 0")
    return value


def count(name: str, value: object, *, least: int = 1) -> int:
    """Return `value` if it is a whole number of at least `least`.

    Raises:
        ConfigurationError: it is not.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ConfigurationError(f"{name}={value!r} must be a whole number, {least} or more")
    return value
