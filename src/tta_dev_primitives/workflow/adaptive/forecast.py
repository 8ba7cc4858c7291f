"""Forecast: what a configuration would gain on the one in use."""

from __future__ import annotations

from dataclasses import dataclass

from .configuration import Configuration


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """`gain` in utility a request if `configuration` were in use in place of `instead_of`.

    At least `low` with the tuner's confidence; `n` requests of the log tell.
    `spread` is the standard deviation of a request's utility under the latter.
    """

    configuration: Configuration
    instead_of: Configuration
    gain: float
    low: float
    n: int
    spread: float
