"""How much is measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How often and how long.

    `rounds`, two at least, are for times. CPU is counted over runs of about `cpu_s` seconds an arm. A rate is
    the median of `repeats` windows of `window_s` seconds.
    """

    rounds: int
    cpu_s: float = 2.0
    window_s: float = 0.7
    repeats: int = 3
