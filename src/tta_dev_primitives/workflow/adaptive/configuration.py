"""Configuration: how a step is tried: until when, how often, after which pause, and with a hedge or not."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from ...core.errors import ConfigurationError

_TIMEOUTS: Final = (0.125, 0.25, 0.5, 1.0, 2.0)
_RETRIES: Final = (0, 1, 2, 4)
_HEDGES: Final = (0.05, 0.15)
LONGEST_PAUSE_S: Final = 20.0
"""No pause between attempts is longer, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """One way of trying a step.

    Each attempt is cut off after `timeout_s`; after a failure up to `retries` more follow. The first pause is
    at most `backoff_s`, which doubles each time (full jitter, as in `Backoff`). `hedge_after_s`: an attempt
    that has not answered by then is asked a second time beside the first, and the first success counts; None
    never asks twice.
    """

    timeout_s: float
    retries: int
    backoff_s: float = 0.5
    hedge_after_s: float | None = None

    def __post_init__(self) -> None:
        for name in ("timeout_s", "backoff_s", "hedge_after_s"):
            value: float | None = getattr(self, name)
            if value is not None and not 0 < value < math.inf:
                raise ConfigurationError(f"{name}={value!r} must be a number of seconds above 0")
        if not isinstance(self.retries, int) or self.retries < 0:  # pyright: ignore[reportUnnecessaryIsInstance]  # users are not typed
            raise ConfigurationError(f"retries={self.retries!r} must be a whole number, 0 or more")
        if self.hedge_after_s is not None and self.hedge_after_s >= self.timeout_s:
            raise ConfigurationError(
                f"hedge_after_s={self.hedge_after_s!r} must be below timeout_s={self.timeout_s!r}, "
                "or no hedge is ever asked"
            )

    def pause_s(self, attempt: int) -> float:
        """Return the mean pause before attempt number `attempt`, counted from 0 (before the first: none)."""
        return self.longest_pause_s(attempt) / 2

    def longest_pause_s(self, attempt: int) -> float:
        """Return the longest pause before attempt number `attempt`, counted from 0."""
        return 0.0 if attempt == 0 else min(self.backoff_s * 2.0 ** (attempt - 1), LONGEST_PAUSE_S)

    @property
    def longest_s(self) -> float:
        """The longest that a request can take, in seconds."""
        tries = range(self.retries + 1)
        return sum(self.timeout_s + self.longest_pause_s(attempt) for attempt in tries)

    def covers(self, other: Configuration) -> bool:
        """Return whether what happened under this one tells what would have happened under `other`.

        `other` is nested: it cuts off no later, tries no more often and pauses no less. A longer pause counts
        as no less likely to succeed, so its figures are a lower bound. A log without hedges tells about any
        hedge; with one, the first call is cut off when the second wins, so it tells about that hedge alone.
        """
        return (
            other.timeout_s <= self.timeout_s
            and other.retries <= self.retries
            and other.backoff_s >= self.backoff_s
            and self.hedge_after_s in (None, other.hedge_after_s)
        )

    def __str__(self) -> str:
        hedge = "" if self.hedge_after_s is None else f", hedge after {self.hedge_after_s:g} s"
        return f"timeout {self.timeout_s:g} s, {self.retries} retries, pause {self.backoff_s:g} s{hedge}"


def richest(configurations: tuple[Configuration, ...]) -> Configuration:
    """Return the least that covers all of them: longest timeout, most retries, shortest pause, no hedge."""
    return Configuration(
        timeout_s=max(one.timeout_s for one in configurations),
        retries=max(one.retries for one in configurations),
        backoff_s=min(one.backoff_s for one in configurations),
    )


def grid_around(base: Configuration, *, retry: bool = True, hedge: bool = False) -> tuple[Configuration, ...]:
    """Return `base` and its neighbours: timeouts of 1/8 to 2 times its own, 0 to 4 retries, hedged or not.

    `retry` and `hedge` say whether retries and hedges may be among them. Up to about 60 configurations.
    """
    timeouts = [base.timeout_s * factor for factor in _TIMEOUTS]
    retries = sorted({*_RETRIES, base.retries}) if retry else [0]
    hedges = [None, *(base.timeout_s * factor for factor in _HEDGES)] if hedge else [None]
    around = [
        replace(base, timeout_s=timeout, retries=count, hedge_after_s=after)
        for timeout in timeouts
        for count in retries
        for after in hedges
        if after is None or after < timeout
    ]
    return tuple(dict.fromkeys([base, *around]))
