"""The estimate: how much each bullet raises the chance that the first program succeeds.

logit P(success) = intercept + difficulty of the family + (common + own) of each bullet that was relevant
                   + (common + own) of each bullet that was in.

All have normal priors, so a bullet of which little is known is believed to do what bullets of this playbook
do on average. That a bullet was relevant is a feature by itself, since it tells of the task: only whether it
was in was drawn by lot. Without it, bullets would be blamed for the tasks that they are about: those on which
runs failed before, and so learned most. A pair of replays that came out differently is one more trial, of the
bullet alone: which of the two succeeded (Source: conditional logistic regression of matched pairs).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from ..statistics.estimate import Estimate, confidence
from .belief import OWN_VARIANCE, POOLED_VARIANCE, PRIOR_MEAN
from .regression import Array, Posterior, Prior, expit, fit

_COMMON_RELEVANCE_VARIANCE = 1.0
_RELEVANCE_VARIANCE = 0.5
_INTERCEPT_VARIANCE = 2.0
_FAMILY_VARIANCE = 1.0
_LEVEL = 0.95
FEWEST = 3
"""Runs in which a bullet must have been relevant to be estimated by itself; keeps large playbooks quick."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A run as the estimate sees it: `included` says of each relevant bullet whether it was in."""

    family: str
    included: Mapping[str, bool]
    success: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """Replays of one bullet that came out differently with it and without: how often which one succeeded."""

    bullet: str
    only_with: int
    only_without: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """The effect of each of `bullets` on the log odds; all arrays have one entry a bullet.

    `uplift` is the effect as a difference of success rates, on average over the runs in which the bullet was
    relevant, with its standard deviation; both are nan where there is no such run. `common_mean` and
    `common_variance` are of what bullets do on average.
    """

    bullets: tuple[str, ...]
    mean: Array
    variance: Array
    uplift: Array
    uplift_sd: Array
    relevant: NDArray[np.int64]
    included: NDArray[np.int64]
    replayed: NDArray[np.bool_]
    common_mean: float
    common_variance: float
    _posterior: Posterior

    def better(self, bullet: str, other: str) -> float:
        """Return the probability that the first of two bullets does more than the second."""
        one, two = self.bullets.index(bullet), self.bullets.index(other)
        contrast = np.zeros((len(self._posterior.mean), 1))
        contrast[_own(one), 0], contrast[_own(two), 0] = 1.0, -1.0
        lead = float(self.mean[one] - self.mean[two])
        return NormalDist().cdf(lead / float(self._posterior.variances(contrast)[0]) ** 0.5)

    def uplift_of(self, index: int) -> Estimate | None:
        """Return the uplift of the bullet at `index` with its interval (delta method).

        None where nothing tells with from without: it was in all runs in which it was relevant, or in none,
        and was never replayed.
        """
        apart = 0 < self.included[index] < self.relevant[index]
        if not self.relevant[index] or not (apart or self.replayed[index]):
            return None
        value, reach = float(self.uplift[index]), confidence(_LEVEL) * float(self.uplift_sd[index])
        return Estimate(
            value=round(value, 6),
            low=round(max(-1.0, value - reach), 6),
            high=round(min(1.0, value + reach), 6),
            n=int(self.relevant[index]),
            method="delta",
            level=_LEVEL,
        )


def estimate(runs: Sequence[Judged], replays: Sequence[Differing]) -> Effects:
    """Return what `runs` and `replays` say about the bullets in them, in order of their ids.

    Bullets that were relevant to fewer than `FEWEST` runs and never replayed are left out.
    """
    design = _Design.of(runs, replays)
    posterior = fit(design.rows, design.successes, design.trials, design.prior)
    count = len(design.bullets)
    combinations = _effects(count, len(posterior.mean))
    mean = posterior.mean[0] + posterior.mean[1 : count + 1]
    uplift, uplift_sd = _uplift(design, posterior, combinations, mean)
    common = np.zeros((len(posterior.mean), 1))
    common[0, 0] = 1.0
    return Effects(
        bullets=design.bullets,
        mean=mean,
        variance=posterior.variances(combinations),
        uplift=uplift,
        uplift_sd=uplift_sd,
        relevant=design.relevant.sum(axis=0).astype(np.int64),
        included=design.included.sum(axis=0).astype(np.int64),
        replayed=np.isin(design.bullets, [one.bullet for one in replays]),
        common_mean=float(posterior.mean[0]),
        common_variance=float(posterior.variances(common)[0]),
        _posterior=posterior,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Design:
    """The runs as matrices, one row a run: `relevant` and `included` have one column a bullet.

    The columns of `rows`: the common effect, each bullet's own, each one's relevance, the common relevance,
    the intercept, and the families. Its last rows are the replays.
    """

    bullets: tuple[str, ...]
    relevant: Array
    included: Array
    rows: Array
    successes: Array
    trials: Array
    prior: Prior

    @classmethod
    def of(cls, runs: Sequence[Judged], replays: Sequence[Differing]) -> _Design:
        bullets = _with_columns(runs, replays)
        column = {bullet: number for number, bullet in enumerate(bullets)}
        relevant, included = np.zeros((2, len(runs), len(bullets)))
        for number, run in enumerate(runs):
            for bullet in run.included.keys() & column.keys():
                relevant[number, column[bullet]] = 1.0
                included[number, column[bullet]] = run.included[bullet]
        families = sorted({run.family for run in runs})
        judged = np.hstack(
            [
                np.array([[float(sum(run.included.values()))] for run in runs]).reshape(-1, 1),
                included,
                relevant,
                np.array([[float(len(run.included))] for run in runs]).reshape(-1, 1),
                np.ones((len(runs), 1)),
                _indicators([families.index(run.family) for run in runs], len(families)),
            ]
        )
        pairs = np.zeros((len(replays), judged.shape[1]))
        for number, replay in enumerate(replays):
            pairs[number, [0, _own(column[replay.bullet])]] = 1.0
        return cls(
            bullets=bullets,
            relevant=relevant,
            included=included,
            rows=np.vstack([judged, pairs]),
            successes=np.array([*(float(run.success) for run in runs), *(one.only_with for one in replays)]),
            trials=np.array(
                [*(1.0 for _ in runs), *(float(one.only_with + one.only_without) for one in replays)]
            ),
            prior=_prior(len(bullets), len(families)),
        )


def _with_columns(runs: Sequence[Judged], replays: Sequence[Differing]) -> tuple[str, ...]:
    """Return the bullets with coefficients of their own; of others the common ones say all there is."""
    counts = Counter(bullet for run in runs for bullet in run.included)
    often = {bullet for bullet, count in counts.items() if count >= FEWEST}
    return tuple(sorted(often | {one.bullet for one in replays}))


def _own(index: int) -> int:
    """Return the column of a bullet's own deviation."""
    return index + 1


def _prior(bullets: int, families: int) -> Prior:
    variance = [
        POOLED_VARIANCE,
        *[OWN_VARIANCE] * bullets,
        *[_RELEVANCE_VARIANCE] * bullets,
        _COMMON_RELEVANCE_VARIANCE,
        _INTERCEPT_VARIANCE,
        *[_FAMILY_VARIANCE] * families,
    ]
    mean = np.zeros(len(variance))
    mean[0] = PRIOR_MEAN
    return Prior(mean=mean, variance=np.array(variance))


def _indicators(numbers: Sequence[int], count: int) -> Array:
    """Return one row a number, 1 in its column and 0 elsewhere."""
    return np.eye(count)[list(numbers)] if numbers else np.zeros((0, count))


def _effects(bullets: int, coefficients: int) -> Array:
    """Return the weights that make of the coefficients each bullet's effect: the common one and its own."""
    weights = np.zeros((coefficients, bullets))
    weights[0] = 1.0
    weights[1 : bullets + 1] = np.eye(bullets)
    return weights


def _uplift(design: _Design, posterior: Posterior, combinations: Array, effect: Array) -> tuple[Array, Array]:
    """Return the difference of success rates with and without each bullet, and its standard deviation.

    In each run in which it was relevant all others stay as they were. The deviation is by the delta method,
    from the whole joint posterior: how easy the runs were is not known exactly either.
    """
    runs = len(design.relevant)
    without = posterior.log_odds[:runs, None] - design.included * effect
    chance_with, chance_without = expit(without + effect), expit(without)
    weight = design.relevant / np.maximum(design.relevant.sum(axis=0), 1.0)
    slope_with = weight * chance_with * (1 - chance_with)
    rest = slope_with - weight * chance_without * (1 - chance_without)
    own = slope_with.sum(axis=0) - (rest * design.included).sum(axis=0)
    gradient = design.rows[:runs].T @ rest + combinations * own
    value = (weight * (chance_with - chance_without)).sum(axis=0)
    return value, np.sqrt(posterior.variances(gradient))
