"""Inclusion: how likely a relevant bullet shall be in a run, by what is believed of it."""

from __future__ import annotations

from ..bullet import Status
from .belief import Belief

LEAST = 0.10
MOST = 0.95
"""Never sure, or nothing more would be learned."""
_EAGERNESS = 1.25
_EVEN = 0.5


def wanted(belief: Belief, status: Status) -> float:
    """Return the probability of inclusion that is aimed at, `LEAST` to `MOST`."""
    if status is Status.VALIDATED:
        return MOST
    return min(max(_EAGERNESS * belief.helps, LEAST), MOST)


def favoured(probability: float) -> bool:
    """Tell whether a run that does not explore has a bullet that is wanted with `probability`."""
    return probability >= _EVEN


def coin(probability: float, *, usual: bool, exploration: float) -> float:
    """Return the chance of inclusion in a run that explores.

    Other runs have the bullet if `usual`, so that over all runs it comes out at `probability`, as far as
    possible: the coin is never worse than even against what is usual, or exploring runs would be stripped of
    all that helps. With `exploration` 1 this is `probability` itself.
    """
    aimed = (probability - (1 - exploration) * usual) / exploration
    return min(max(aimed, _EVEN), MOST) if usual else min(max(aimed, LEAST), _EVEN)
