"""Utility: what a success is worth, and what a second and a call cost."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ...core.errors import ConfigurationError
from .configuration import Configuration
from .request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Utility:
    """The worth of a request in the user's own unit: `success` if it succeeded, less its seconds and calls.

    Only the ratios count. With `success=1, per_second=0.02, per_call=0.05` a success is worth waiting 50
    seconds or calling 20 times.
    """

    success: float = 1.0
    per_second: float
    per_call: float

    def __post_init__(self) -> None:
        if not 0 < self.success < math.inf:
            raise ConfigurationError(f"success={self.success!r} must be above 0")
        for name, value in (("per_second", self.per_second), ("per_call", self.per_call)):
            if not 0 <= value < math.inf:
                raise ConfigurationError(f"{name}={value!r} must be 0 or more")

    def of(self, request: Request) -> float:
        """Return what the request was worth."""
        return self.success * request.ok - self.per_second * request.seconds - self.per_call * request.calls

    @property
    def most(self) -> float:
        """The worth of a success at the first call in no time."""
        return self.success - self.per_call

    def least(self, configuration: Configuration) -> float:
        """Return the worth of the longest failure that `configuration` allows."""
        each = 1 if configuration.hedge_after_s is None else 2
        calls = each * (configuration.retries + 1)
        return -self.per_second * configuration.longest_s - self.per_call * calls
