"""How a try of a step ended, in the words that events use."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from ..core.errors import StepTimeout

Outcome: TypeAlias = Literal["ok", "error", "timeout", "cancelled"]
"""`timeout`: cut off by a TimeoutPrimitive; `cancelled`: from outside, so it might have ended in any way."""

_LONGEST: Final = 200


def outcome_of(error: BaseException | None) -> Outcome:
    """Return how a try ended that returned (None) or raised `error`."""
    if error is None:
        return "ok"
    if isinstance(error, StepTimeout):
        return "timeout"
    return "error" if isinstance(error, Exception) else "cancelled"


def type_of(error: BaseException | None) -> str:
    """Return the name of an error's class, or the empty text for None."""
    return "" if error is None else type(error).__name__


def told(error: BaseException) -> str:
    """Return class and message of an error in one line that a note can hold."""
    line = " ".join(f"{type(error).__name__}: {error}".split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."
