"""Backoff: how long to wait before trying again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from ..core.errors import ConfigurationError
from .amounts import seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Exponential backoff with full jitter: uniform between 0 and the ceiling of that wait.

    The ceiling of the n-th wait is `first_s * factor ** (n - 1)`, and never above `most_s`. Callers that
    failed together come back apart from each other. With `jitter=False` a wait is its ceiling.

    Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """

    first_s: float = 0.5
    factor: float = 2.0
    most_s: float = 20.0
    jitter: bool = True

    def __post_init__(self) -> None:
        seconds("first_s", self.first_s)
        seconds("most_s", self.most_s)
        if not 1 <= self.factor < math.inf:
            raise ConfigurationError(f"factor={self.factor!r} must be 1 or more, and finite")
        if self.most_s < self.first_s:
            raise ConfigurationError(f"most_s={self.most_s!r} must not be below first_s={self.first_s!r}")

    def ceiling_s(self, number: int) -> float:
        """Return the longest that the wait after failure `number` (1 is the first) can be, in seconds."""
        if self.factor > 1 and number > 1 + math.log(self.most_s / self.first_s, self.factor):
            return self.most_s  # without the power, which overflows
        return min(self.most_s, self.first_s * self.factor ** (number - 1))

    def wait_s(self, number: int, random: Random) -> float:
        """Draw the wait after failure `number` (1 is the first), in seconds."""
        ceiling = self.ceiling_s(number)
        return random.uniform(0, ceiling) if self.jitter else ceiling
