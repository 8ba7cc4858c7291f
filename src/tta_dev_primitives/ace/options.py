"""How the loop learns. `ace_faithful()` is the algorithm as published, for comparison."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ..core.errors import ConfigurationError
from .evidence.outcomes import WINDOW


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

    `playbook_tokens` caps the strategies in a prompt. All relevant ones are considered where they have at
    most `whole_below` tokens together, else the `max_retrieved` most relevant, of which at most
    `source_share` come from one run and `candidate_share` are unproven, while others are relevant;
    `whole_playbook` uses every live one, relevant or not. A run gets those that by the evidence more likely
    help than not; with probability `exploration` a coin decides on each instead, and with `hold_out` there
    are none: both keep evidence unbiased, and both are logged. `inclusion` is for comparisons: it includes
    each with this probability, whatever the evidence. Statuses are decided on every `decide_every` episodes,
    0 for never, by the latest `window` judged runs. `replay_share` is the most that replays may cost, as a
    share of the model calls of the other runs.

    `rounds` is the most reflection rounds. `probes` is how many probe programs a model may ask for before its
    first attempt, where no strategy for the libraries in play is validated; 0 offers none. `candidates` is
    how many fixes are asked for after a failure: they are tried side by side, from a checkpoint before the
    failure where the sandbox has sessions, and the best is judged as the next attempt.
    """

    playbook_tokens: int = 8000
    max_retrieved: int = 6
    whole_below: int = 2000
    source_share: float = 1 / 3
    candidate_share: float = 2 / 3
    whole_playbook: bool = False
    inclusion: float | None = None
    exploration: float = 0.10
    hold_out: float = 0.04
    decide_every: int = 10
    window: int = WINDOW
    replay_share: float = 0.0
    reflect: Reflect = Reflect.INFORMATIVE
    rounds: int = 1
    probes: int = 4
    candidates: int = 1
    curate: Curate = Curate.NEAR
    domain: str = "general"
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("playbook_tokens", "max_retrieved", "window", "rounds", "candidates"):
            if getattr(self, name) < 1:
                raise ConfigurationError(f"{name}={getattr(self, name)!r} must be at least 1")
        for name in ("whole_below", "decide_every", "probes"):
            if getattr(self, name) < 0:
                raise ConfigurationError(f"{name}={getattr(self, name)!r} must be 0 (none) or more")
        for name in (
            "inclusion",
            "exploration",
            "hold_out",
            "replay_share",
            "source_share",
            "candidate_share",
        ):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise ConfigurationError(f"{name}={value!r} is a share, from 0 to 1")


def ace_faithful() -> AceOptions:
    """Return the settings of the published algorithm: everything in context, every sample reflected on.

    Up to five reflection rounds, a model as curator at every step, and no probes. Source: ACE, arXiv
    2510.04618, section 3 and appendix.
    """
    return AceOptions(
        whole_playbook=True,
        inclusion=1.0,
        hold_out=0.0,
        decide_every=0,
        reflect=Reflect.ALWAYS,
        rounds=5,
        probes=0,
        curate=Curate.ALWAYS,
        playbook_tokens=80_000,
    )
