"""Totals: what the model calls and sandbox runs inside a step came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..core.attributes import Attribute

INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
COST_USD: Final = "playbox.cost_usd"
SANDBOX_SECONDS: Final = "playbox.sandbox.seconds"
OPERATION: Final = "gen_ai.operation.name"
CHAT: Final = "chat"
_MOST: Final = 1e18
"""Nothing that is counted here comes to as much; also excludes what is no number."""


@dataclass(slots=True)
class Totals:
    """Sums over the attributes of events. `usd` is of the calls with a known price."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    usd: float = 0.0
    runs: int = 0
    sandbox_s: float = 0.0

    def add(self, attributes: Mapping[str, object]) -> None:
        """Count an event."""
        if attributes.get(OPERATION) == CHAT:
            self.calls += 1
            self.input_tokens += int(number(attributes, INPUT_TOKENS))
            self.output_tokens += int(number(attributes, OUTPUT_TOKENS))
            self.usd += number(attributes, COST_USD)
        elif SANDBOX_SECONDS in attributes:
            self.runs += 1
            self.sandbox_s += number(attributes, SANDBOX_SECONDS)

    def attributes(self) -> dict[str, Attribute]:
        """Return them as attributes of the step; none where nothing was called."""
        of_models: dict[str, Attribute] = {
            "playbox.total.calls": self.calls,
            "playbox.total.input_tokens": self.input_tokens,
            "playbox.total.output_tokens": self.output_tokens,
            "playbox.total.cost_usd": self.usd,
        }
        of_sandbox: dict[str, Attribute] = {
            "playbox.total.sandbox_runs": self.runs,
            "playbox.total.sandbox_s": self.sandbox_s,
        }
        return {**(of_models if self.calls else {}), **(of_sandbox if self.runs else {})}


def number(attributes: Mapping[str, object], name: str) -> float:
    """Return an attribute that should be a number, 0 where it is none."""
    value = attributes.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    return float(value) if abs(value) < _MOST else 0.0
