"""Price: what a user states a model to cost, where the provider's list price is unknown or wrong."""

from __future__ import annotations

from dataclasses import dataclass

from ..core.errors import ConfigurationError

MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars per million tokens."""

    input: float
    output: float

    def __post_init__(self) -> None:
        for side in ("input", "output"):
            if not 0 <= getattr(self, side) < float("inf"):
                raise ConfigurationError(f"price {side}={getattr(self, side)!r} must be 0 or above")

    def of(self, *, input_tokens: int, output_tokens: int) -> float:
        """Return US dollars."""
        return (input_tokens * self.input + output_tokens * self.output) / MILLION
