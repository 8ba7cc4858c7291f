"""Belief: what runs and replays say about a bullet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from types import MappingProxyType

from ..statistics.estimate import Estimate

PRIOR_MEAN = 0.4
"""Expected effect of a new bullet on the log odds of success: most of what is learned helps a little."""
POOLED_VARIANCE = 0.25
"""How unsure it is what bullets of this playbook do on average."""
OWN_VARIANCE = 0.5
"""How far a bullet may be from that average. Source of all three: docs/adr/0008-inclusion-in-blocks.md."""
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """What is believed of one bullet.

    `mean` and `sd` are of its effect on the log odds that the first program succeeds. `uplift` is that as a
    difference of success rates over the runs in which it was relevant, None where nothing compares with and
    without. `e_value` tests
    that it helps, valid whenever one looks. `relevant` counts judged runs of the window in which it was
    relevant, `included` those that had it, `share` is that of the runs since it first was, 0..1.
    """

    mean: float
    sd: float
    uplift: Estimate | None = None
    e_value: float = 1.0
    relevant: int = 0
    included: int = 0
    share: float = 0.0

    @property
    def helps(self) -> float:
        """The probability that it raises success, 0..1."""
        return _NORMAL.cdf(self.mean / self.sd)

    @property
    def harms(self) -> float:
        """The probability that it lowers success, 0..1."""
        return _NORMAL.cdf(-self.mean / self.sd)


NEWCOMER = Belief(mean=PRIOR_MEAN, sd=(POOLED_VARIANCE + OWN_VARIANCE) ** 0.5)
"""What is believed of a bullet before any run."""


def _nothing() -> Mapping[str, Belief]:
    return MappingProxyType({})


def _no_contests() -> Mapping[str, Mapping[str, float]]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Beliefs:
    """What is believed of the bullets of a playbook.

    `newcomer` stands for those that no run tells of. `window` is how many judged runs were used. `contests`
    holds, for a bullet and one that it contradicts, the probability that the first does better.
    """

    bullets: Mapping[str, Belief] = field(default_factory=_nothing)
    newcomer: Belief = NEWCOMER
    window: int = 0
    contests: Mapping[str, Mapping[str, float]] = field(default_factory=_no_contests)

    def of(self, bullet_id: str) -> Belief:
        """Return what is believed of the bullet with this id."""
        return self.bullets.get(bullet_id, self.newcomer)

    def better(self, bullet_id: str, other: str) -> float:
        """Return the probability that a bullet does better than one that it contradicts, .5 if unknown."""
        return self.contests.get(bullet_id, {}).get(other, 0.5)


NO_BELIEFS = Beliefs()
"""What is believed before any run."""
