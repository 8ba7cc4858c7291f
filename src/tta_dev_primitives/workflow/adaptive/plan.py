"""Plan: what a tuner may choose from, what is worth what, and how careful it is. Fixed for its life."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from ...core.errors import ConfigurationError
from .configuration import Configuration, richest
from .mode import Mode, checked
from .utility import Utility

_UNKNOWN: Final = 0.1
"""Share of probes while nobody knows what they cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """How the tuner weighs evidence against haste. The defaults are those of benchmarks/adaptive.py.

    Args:
        window: So many of the latest requests are remembered.
        every: After so many requests the log is searched for something better.
        fewest: A configuration is judged on no fewer requests of the log than that.
        level: Probability with which all lower bounds of one search hold.
        least_gain: A gain is worth a canary if it is above this share of a success at the lower bound.
        probes: Largest share of requests that run under the richest configuration, which tells about all
            others. 0 never probes: then nothing is proposed that the configuration in use does not cover.
        probes_cost: So much of a success may probes cost a request on average: a costly probe comes seldom.
        canary: Fewest and most requests on each side of a canary.
        harm: Probability that a canary of something no worse is stopped for harm.
        patience: A fall is reported without one no more often than once in so many requests, on average.
        pause: So many requests pass before something that a canary refused is proposed again.
        rest: So many requests pass after a refusal before any other canary, twice as many after the next.
    """

    window: int = 800
    every: int = 100
    fewest: int = 30
    level: float = 0.95
    least_gain: float = 0.005
    probes: float = 0.25
    probes_cost: float = 0.003
    canary: tuple[int, int] = (60, 400)
    harm: float = 0.01
    patience: float = 20_000
    pause: int = 1_500
    rest: int = 50

    def __post_init__(self) -> None:
        for name in ("window", "every", "fewest", "pause", "rest", "patience"):
            if not getattr(self, name) >= 1:
                raise ConfigurationError(f"{name}={getattr(self, name)!r} must be 1 or more")
        for name in ("level", "harm"):
            if not 0 < getattr(self, name) < 1:
                raise ConfigurationError(f"{name}={getattr(self, name)!r} must be between 0 and 1")
        if not 0 <= self.probes < 1:
            raise ConfigurationError(f"probes={self.probes!r} must be a share, 0 or more and below 1")
        if not self.probes_cost > 0:
            raise ConfigurationError(
                f"probes_cost={self.probes_cost!r} must be above 0; probes=0 never probes"
            )
        if not 1 < self.canary[0] <= self.canary[1]:
            raise ConfigurationError(f"canary={self.canary!r} must be (fewest, most), above 1")
        if not self.least_gain >= 0:
            raise ConfigurationError(f"least_gain={self.least_gain!r} must be 0 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`candidates` may hold `base` or not; `step` is the name that events carry.

    `choices` are what may be in use; the log of a `probe` tells about all of them.
    """

    step: str
    base: Configuration
    candidates: tuple[Configuration, ...]
    utility: Utility
    mode: Mode
    caution: Caution = Caution()
    choices: tuple[Configuration, ...] = field(init=False)
    probe: Configuration = field(init=False)

    def __post_init__(self) -> None:
        checked(self.mode)
        choices = tuple(dict.fromkeys((self.base, *self.candidates)))
        object.__setattr__(self, "choices", choices)
        object.__setattr__(self, "probe", richest(choices))

    @property
    def acts(self) -> bool:
        """Whether anything but the base configuration may run."""
        return self.mode in ("validate", "active")

    def probe_share(self, gain: float | None) -> float:
        """Return the share of probes if a probe gains so much on the configuration in use (None: unknown)."""
        if gain is None:
            return min(self.caution.probes, _UNKNOWN)
        loss = max(-gain / self.utility.success, 1e-9)
        return min(self.caution.probes, self.caution.probes_cost / loss)
