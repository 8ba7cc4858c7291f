"""Request: what was seen of one request: its attempts, under which configuration, and in which arm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from .configuration import Configuration

Arm: TypeAlias = Literal["champion", "canary", "control", "probe"]
"""Why a request ran under its configuration: it is in use, is being tried by lot, is in use and what that is
compared with, or shows more than others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt. `seconds` is how long it took; `cut` off by the timeout, it would have taken longer.

    `error` is the name of the exception's class, None if it succeeded or was cut off. `calls` is 2 if a hedge
    was asked. `pause_s` is the time since the attempt before it ended.
    """

    ok: bool
    seconds: float
    cut: bool = False
    error: str | None = None
    calls: int = 1
    pause_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request that ran to its end: `attempts` is never empty. `at` is in seconds of the epoch."""

    configuration: Configuration
    attempts: tuple[Attempt, ...]
    arm: Arm = "champion"
    at: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether the last attempt succeeded."""
        return self.attempts[-1].ok

    @property
    def seconds(self) -> float:
        """How long it took, pauses included."""
        return sum(attempt.seconds + attempt.pause_s for attempt in self.attempts)

    @property
    def calls(self) -> int:
        """How often the step was asked."""
        return sum(attempt.calls for attempt in self.attempts)
