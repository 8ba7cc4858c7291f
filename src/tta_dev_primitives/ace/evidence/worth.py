"""Worth: how much a pair of replays is likely to tell about a bullet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from .belief import Belief
from .lifecycle import BADGE
from .wealth import log_e_of_pairs

_POINTS = 12
"""Effects that are looked at on each side of zero, equally likely on their side."""
_SURE = 1e-9
_NORMAL = NormalDist()


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
    effects = _effects(stand.belief)
    ways = [_way(likelihood, effects) for likelihood in _likelihoods(effects, chance)]
    settled = _doubt(stand.belief.helps) - sum(way.probability * _doubt(way.helps) for way in ways)
    growth = _growth(stand, only_with=ways[0].probability, only_without=ways[1].probability)
    return max(0.0, settled) + (max(0.0, growth) if stand.badge else 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Effect:
    """A possible effect on the log odds, and its probability."""

    size: float
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """One way in which a pair comes out, and the probability that the bullet helps if it does."""

    probability: float
    helps: float


def _effects(belief: Belief) -> list[_Effect]:
    """Return effects that stand for the belief, so that those above zero have the probability to help."""
    found: list[_Effect] = []
    for below, mass in ((0.0, belief.harms), (belief.harms, belief.helps)):
        for number in range(_POINTS):
            quantile = min(max(below + mass * (number + 0.5) / _POINTS, _SURE), 1 - _SURE)
            size = belief.mean + belief.sd * _NORMAL.inv_cdf(quantile)
            found.append(_Effect(size=size, probability=mass / _POINTS))
    return found


def _likelihoods(effects: Sequence[_Effect], chance: float) -> list[list[float]]:
    """Return, by effect, how likely a pair succeeds only with the bullet, only without it, or alike."""
    odds = math.log(chance / (1 - chance))
    helped = [1 / (1 + math.exp(-odds - effect.size)) for effect in effects]
    only_with = [one * (1 - chance) for one in helped]
    only_without = [(1 - one) * chance for one in helped]
    return [only_with, only_without, [1 - a - b for a, b in zip(only_with, only_without, strict=True)]]


def _way(likelihood: Sequence[float], effects: Sequence[_Effect]) -> _Way:
    joint = [one * effect.probability for one, effect in zip(likelihood, effects, strict=True)]
    total = sum(joint)
    return _Way(probability=total, helps=sum(joint[_POINTS:]) / total if total else 0.5)


def _doubt(probability: float) -> float:
    """Return the entropy of a yes or no, in bits."""
    return -sum(p * math.log2(p) for p in (probability, 1 - probability) if p > 0)


def _growth(stand: Stand, *, only_with: float, only_without: float) -> float:
    """Return the expected part of the way to a badge that one pair goes, by the odds of how it comes out."""
    now = log_e_of_pairs(stand.only_with, stand.only_without)
    won = log_e_of_pairs(stand.only_with + 1, stand.only_without) - now
    lost = log_e_of_pairs(stand.only_with, stand.only_without + 1) - now
    return (only_with * won + only_without * lost) / math.log(BADGE)
