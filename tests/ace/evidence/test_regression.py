from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ace.evidence.oracles import minimum
from tta_dev_primitives.ace.evidence.regression import Array, Posterior, Prior, fit


def data(seed: int, runs: int, features: int) -> tuple[Array, Array, Array, Prior]:
    draw = np.random.default_rng(seed)
    rows = (draw.random((runs, features)) < 0.4).astype(float)
    trials = draw.integers(1, 4, runs).astype(float)
    truth = draw.normal(0, 1, features)
    successes = draw.binomial(trials.astype(int), 1 / (1 + np.exp(-rows @ truth))).astype(float)
    prior = Prior(mean=draw.normal(0, 0.3, features), variance=draw.uniform(0.2, 2, features))
    return rows, successes, trials, prior


@pytest.mark.parametrize(("runs", "features"), [(40, 6), (12, 20)])
def test_the_fit_is_the_maximum_that_a_general_optimiser_finds(runs: int, features: int) -> None:
    rows, successes, trials, prior = data(1, runs, features)

    def loss(weights: Array) -> float:
        odds = rows @ weights
        likelihood = successes @ odds - trials @ np.logaddexp(0, odds)
        return float(((weights - prior.mean) ** 2 / prior.variance).sum() / 2 - likelihood)

    found = minimum(loss, np.zeros(features))
    assert np.allclose(fit(rows, successes, trials, prior).mean, found, atol=1e-5)


@pytest.mark.parametrize(("runs", "features"), [(40, 6), (12, 20)])
def test_variances_are_those_of_the_inverse_curvature(runs: int, features: int) -> None:
    rows, successes, trials, prior = data(2, runs, features)
    posterior = fit(rows, successes, trials, prior)
    chance = 1 / (1 + np.exp(-rows @ posterior.mean))
    curvature = np.diag(1 / prior.variance) + (rows * (trials * chance * (1 - chance))[:, None]).T @ rows

    inverse = np.linalg.inv(curvature)
    assert np.allclose(posterior.variances(np.eye(features)), np.diag(inverse))
    assert np.allclose(posterior.variances(np.ones((features, 1))), inverse.sum())


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 30), st.integers(1, 30))
def test_the_order_of_rows_does_not_matter(seed: int, runs: int, features: int) -> None:
    rows, successes, trials, prior = data(seed, runs, features)
    order = np.random.default_rng(seed).permutation(runs)
    shuffled = fit(rows[order], successes[order], trials[order], prior)

    assert np.allclose(fit(rows, successes, trials, prior).mean, shuffled.mean, atol=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 400), st.integers(1, 50), st.floats(0.01, 100))
def test_what_data_alone_would_send_to_infinity_stays_finite(runs: int, features: int, spread: float) -> None:
    rows = np.ones((runs, features))
    prior = Prior(mean=np.zeros(features), variance=np.full(features, spread))
    posterior: Posterior = fit(rows, np.ones(runs), np.ones(runs), prior)

    assert np.isfinite(posterior.mean).all()
    assert (posterior.mean > 0).all()
    assert (posterior.variances(np.eye(features)) > 0).all()


def test_a_step_too_long_is_shortened_until_it_improves() -> None:
    """From far away the first step of Newton's method leads farther away, and the second to nowhere."""
    rows, successes = np.ones((400, 1)), np.tile([0.0, 1.0], 200)
    prior = Prior(mean=np.array([-10.0]), variance=np.array([1e6]))

    assert fit(rows, successes, np.ones(400), prior).mean[0] == pytest.approx(0, abs=1e-3)


def test_without_any_run_the_prior_stands() -> None:
    prior = Prior(mean=np.array([0.4, -1.0]), variance=np.array([0.25, 2.0]))
    posterior = fit(np.zeros((0, 2)), np.zeros(0), np.zeros(0), prior)

    assert np.allclose(posterior.mean, prior.mean)
    assert np.allclose(posterior.variances(np.eye(2)), prior.variance)
