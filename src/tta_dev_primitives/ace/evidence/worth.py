"""Worth: how much a pair of replays is likely to tell about a bullet."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from .belief import Belief
from .lifecycle import BADGE
from .wealth import log_e_of_pairs

_POINTS = tuple(NormalDist().inv_cdf((number + 0.5) / 24) for number in range(24))
"""Equally likely values of a standard normal, an even number, so that none is zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """What is known before a pair: the belief, and how earlier pairs came out that differed.

    `badge` says that the pair may also count towards a badge.
    """

    belief: Belief
    only_with: int
    only_without: int
    badge: bool


def worth(stand: Stand, chance: float) -> float:
    """Return what a pair on a task is worth, whose success without the bullet has this `chance`, 0..1.

    The bits by which it is expected to settle whether the bullet helps or harms, plus, where a badge can be
    won, the expected part of the way there. A task that succeeds or fails anyway tells nothing.
    """
    outcomes = _outcomes(stand.belief, chance)
    settled = _doubt(stand.belief.helps) - sum(one.probability * _doubt(one.helps) for one in outcomes)
    return max(0.0, settled) + (max(0.0, _growth(stand, outcomes)) if stand.badge else 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """One way in which a pair comes out, and the probability that the bullet helps if it does."""

    probability: float
    helps: float


def _outcomes(belief: Belief, chance: float) -> tuple[_Outcome, _Outcome, _Outcome]:
    """Return the ways: success only with the bullet, only without it, or no difference."""
    odds = math.log(chance / (1 - chance))
    effects = [belief.mean + belief.sd * point for point in _POINTS]
    helped = [1 / (1 + math.exp(-odds - effect)) for effect in effects]
    only_with = [one * (1 - chance) for one in helped]
    only_without = [(1 - one) * chance for one in helped]
    neither = [1 - a - b for a, b in zip(only_with, only_without, strict=True)]
    ways = [_way(likelihood, effects) for likelihood in (only_with, only_without, neither)]
    return (ways[0], ways[1], ways[2])


def _way(likelihood: list[float], effects: list[float]) -> _Outcome:
    total = sum(likelihood)
    helping = sum(one for one, effect in zip(likelihood, effects, strict=True) if effect > 0)
    return _Outcome(probability=total / len(effects), helps=helping / total if total else 0.5)


def _doubt(probability: float) -> float:
    """Return the entropy of a yes or no, in bits."""
    return -sum(p * math.log2(p) for p in (probability, 1 - probability) if p > 0)


def _growth(stand: Stand, outcomes: tuple[_Outcome, _Outcome, _Outcome]) -> float:
    """Return the expected part of the way to a badge that one pair goes."""
    now = log_e_of_pairs(stand.only_with, stand.only_without)
    won = log_e_of_pairs(stand.only_with + 1, stand.only_without) - now
    lost = log_e_of_pairs(stand.only_with, stand.only_without + 1) - now
    return (outcomes[0].probability * won + outcomes[1].probability * lost) / math.log(BADGE)
