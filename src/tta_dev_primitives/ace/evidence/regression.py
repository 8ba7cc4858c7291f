"""Ridge-logistic regression with a normal prior: the most probable coefficients, and how sure they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
_ROUNDS = 50
_HALVINGS = 30
_CLOSE = 1e-9
_WEIGHT = 1e-12  # of a row that is as good as certain, so that its root can be divided by


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """Independent normal beliefs about the coefficients; `len(mean) == len(variance)`."""

    mean: Array
    variance: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """The coefficients given the data, as a normal distribution (Laplace's approximation).

    `log_odds` are those that `mean` gives each row, `len(log_odds) == len(rows)`.
    """

    mean: Array
    log_odds: Array
    _curvature: _Curvature

    def variances(self, combinations: Array) -> Array:
        """Return the variance of each column of `combinations`, weights with one row a coefficient."""
        products = combinations * self._curvature.solve(combinations)
        return np.asarray(products.sum(axis=0), dtype=np.float64)


def fit(rows: Array, successes: Array, trials: Array, prior: Prior) -> Posterior:
    """Return the posterior of a logistic model.

    A row of `rows` holds the features of `trials` equal trials, of which `successes` succeeded. Found by
    Newton's method, damped: a step is halved until it improves. The posterior is concave, so this ends at its
    only maximum, also where the data alone would send a coefficient to infinity.
    """
    model = _Model(rows=rows, successes=successes, trials=trials, prior=prior)
    point = model.at(prior.mean, rows @ prior.mean)
    for _ in range(_ROUNDS):
        better = model.improved(point)
        gain, point = better.value - point.value, better
        if gain < _CLOSE:
            break
    return Posterior(mean=point.mean, log_odds=point.log_odds, _curvature=model.curvature(point))


def expit(log_odds: Array) -> Array:
    """Return the probabilities of log odds, without overflow."""
    return np.exp(-np.logaddexp(0.0, -log_odds))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Curvature:
    """The negative second derivative of the log posterior, diag(1/variance) + rows' diag(weights) rows.

    Solved in the smaller of its two dimensions, so that few runs with many bullets cost no more than the
    other way round. Source of the second form: Woodbury identity, stabilised as in Rasmussen and Williams,
    Gaussian Processes for Machine Learning, section 3.4.
    """

    rows: Array
    root: Array
    variance: Array

    def solve(self, right: Array) -> Array:
        """Return the inverse of the curvature times `right`."""
        weighted = self.rows * self.root[:, None]
        if len(self.variance) <= len(self.root):
            full = weighted.T @ weighted
            full[np.diag_indices_from(full)] += 1 / self.variance
            return _solved(full, right)
        scaled = (self.variance * right.T).T
        small = (weighted * self.variance) @ weighted.T
        small[np.diag_indices_from(small)] += 1
        back = weighted.T @ _solved(small, weighted @ scaled)
        return scaled - (self.variance * back.T).T


@dataclass(frozen=True, slots=True, kw_only=True)
class _Point:
    """Coefficients, the log odds that they give each row, and their log posterior."""

    mean: Array
    log_odds: Array
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Model:
    rows: Array
    successes: Array
    trials: Array
    prior: Prior

    def at(self, mean: Array, log_odds: Array) -> _Point:
        likelihood = self.successes @ log_odds - self.trials @ np.logaddexp(0.0, log_odds)
        away = ((mean - self.prior.mean) ** 2 / self.prior.variance).sum() / 2
        return _Point(mean=mean, log_odds=log_odds, value=float(likelihood - away))

    def curvature(self, point: _Point) -> _Curvature:
        expected = expit(point.log_odds)
        weights = self.trials * np.maximum(expected * (1 - expected), _WEIGHT)
        return _Curvature(rows=self.rows, root=np.sqrt(weights), variance=self.prior.variance)

    def improved(self, point: _Point) -> _Point:
        """Return the point after one step, or the same if no step improves it."""
        surprise = self.successes - self.trials * expit(point.log_odds)
        slope = self.rows.T @ surprise - (point.mean - self.prior.mean) / self.prior.variance
        step = self.curvature(point).solve(slope)
        along, scale = self.rows @ step, 1.0
        for _ in range(_HALVINGS):
            moved = self.at(point.mean + scale * step, point.log_odds + scale * along)
            if moved.value >= point.value:
                return moved
            scale /= 2
        return point


def _solved(matrix: Array, right: Array) -> Array:
    return np.asarray(np.linalg.solve(matrix, right), dtype=np.float64)
