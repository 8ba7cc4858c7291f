"""How the loop learns. `ace_faithful()` is the algorithm as published, for comparison."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ..core.errors import ConfigurationError


class Reflect(StrEnum):
    """Which runs are reflected on."""

    INFORMATIVE = "informative"
    """A failure, a success that followed a failure, and the first success of a task family."""
    ALWAYS = "always"
    NEVER = "never"


class Curate(StrEnum):
    """Which insights the curator model is asked about."""

    NEAR = "near"
    """Those that resemble a bullet; the others are added by rule."""
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class AceOptions:
    """Settings of the loop.

    `playbook_tokens` caps the strategies in a prompt. `inclusion` is the probability with which a relevant
    bullet is used, `hold_out` that of a run without any playbook: both keep evidence unbiased, and both are
    logged. `whole_playbook` puts every live bullet into the prompt. `rounds` is the most reflection rounds.
    `probes` is how many probe programs a model may ask for before its first attempt, where no strategy for
    the libraries in play is validated; 0 offers none. `candidates` is how many fixes are asked for after a
    failure: they are tried side by side, from a checkpoint before the failure where the sandbox has sessions,
    and the best is judged as the next attempt.
    """

    playbook_tokens: int = 8000
    max_retrieved: int = 6
    inclusion: float = 0.95
    hold_out: float = 0.04
    whole_playbook: bool = False
    reflect: Reflect = Reflect.INFORMATIVE
    rounds: int = 1
    probes: int = 4
    candidates: int = 1
    curate: Curate = Curate.NEAR
    domain: str = "general"
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("playbook_tokens", "max_retrieved", "rounds", "candidates"):
            if getattr(self, name) < 1:
                raise ConfigurationError(f"{name}={getattr(self, name)!r} must be at least 1")
        if self.probes < 0:
            raise ConfigurationError(f"probes={self.probes!r} must be 0 (none) or more")
        for name in ("inclusion", "hold_out"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigurationError(f"{name}={getattr(self, name)!r} is a probability, from 0 to 1")


def ace_faithful() -> AceOptions:
    """Return the settings of the published algorithm: everything in context, every sample reflected on.

    Up to five reflection rounds, a model as curator at every step, and no probes. Source: ACE, arXiv
    2510.04618, section 3 and appendix.
    """
    return AceOptions(
        whole_playbook=True,
        inclusion=1.0,
        hold_out=0.0,
        reflect=Reflect.ALWAYS,
        rounds=5,
        probes=0,
        curate=Curate.ALWAYS,
        playbook_tokens=80_000,
    )
