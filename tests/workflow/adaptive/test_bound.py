"""Lower bounds hold for all columns at once."""

from __future__ import annotations

import numpy as np

from tta_dev_primitives.workflow.adaptive.bound import lower_bounds


def test_of_many_columns_without_a_gain_hardly_any_family_has_one_above_zero() -> None:
    random = np.random.default_rng(0)
    wrong = sum(
        (lower_bounds(random.normal(size=(100, 30)), level=0.95, seed=seed, rounds=200).low > 0).any()
        for seed in range(60)
    )
    assert wrong <= 9, "5 % of 60 are 3; uncorrected it would be 47"


def test_a_real_gain_is_found_among_many() -> None:
    gains = np.random.default_rng(1).normal(size=(400, 30))
    gains[:, 3] += 0.5
    bounds = lower_bounds(gains, level=0.95, seed=0)
    assert np.flatnonzero(bounds.low > 0).tolist() == [3]


def test_alike_columns_cost_no_correction() -> None:
    one = np.random.default_rng(2).normal(size=(200, 1))
    alone = lower_bounds(one, level=0.95, seed=0).low[0]
    assert np.allclose(lower_bounds(np.repeat(one, 50, axis=1), level=0.95, seed=0).low, alone)


def test_columns_are_judged_on_the_rows_where_they_are_known() -> None:
    gains = np.random.default_rng(3).normal(size=(100, 2)) + 1
    gains[:60, 1] = np.nan
    bounds = lower_bounds(gains, level=0.95, seed=0)
    assert bounds.n.tolist() == [100, 40]
    assert np.isclose(bounds.gain[1], gains[60:, 1].mean())
    assert bounds.gain[1] - bounds.low[1] > bounds.gain[0] - bounds.low[0]
