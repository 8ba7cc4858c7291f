from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tta_dev_primitives.ace.statistics import bootstrap, bootstrap_change, mean
from tta_dev_primitives.ace.statistics.bootstrap import Sample

from .oracles import change_interval, mean_interval, median_interval

_VALUES = st.lists(st.floats(-100, 100).map(lambda value: round(value, 3)), min_size=2, max_size=25)


def _median(sample: Sample) -> float:
    return float(np.median(sample))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_agrees_with_scipy_on_the_same_draws(seed: int) -> None:
    values = np.random.default_rng(seed).lognormal(size=17).tolist()
    for statistic, oracle in ((mean, mean_interval), (_median, median_interval)):
        expected = oracle(values, seed=seed, rounds=999)
        found = bootstrap(values, statistic=statistic, seed=seed, rounds=999)
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
        assert (found.value, found.n) == (statistic(np.array(values)), 17)
        assert found.method == "BCa bootstrap"


@pytest.mark.parametrize("seed", [1, 2])
def test_a_change_agrees_with_scipy_on_the_same_draws(seed: int) -> None:
    rng = np.random.default_rng(seed)
    old, new = rng.lognormal(size=12).tolist(), rng.lognormal(1, size=9).tolist()
    expected = change_interval(old, new, seed=seed, rounds=999)
    found = bootstrap_change(old, new, seed=seed, rounds=999)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert found.n == 21


@settings(max_examples=30)
@given(_VALUES, st.integers(0, 9))
def test_the_interval_holds_the_value_and_stays_within_the_values(values: list[float], seed: int) -> None:
    found = bootstrap(values, seed=seed, rounds=200)
    assert min(values) - 1e-9 <= found.low <= found.value <= found.high <= max(values) + 1e-9
    assert bootstrap(values, seed=seed, rounds=200) == found


@settings(max_examples=30)
@given(_VALUES, _VALUES)
def test_a_change_and_its_reverse_have_opposite_values(first: list[float], second: list[float]) -> None:
    forth = bootstrap_change(first, second, seed=1, rounds=100)
    back = bootstrap_change(second, first, seed=1, rounds=100)
    assert forth.low <= forth.value <= forth.high
    assert back.value == pytest.approx(-forth.value)


def test_more_values_give_a_narrower_interval() -> None:
    few = [1.0, 2.0, 3.0, 5.0, 8.0]
    assert bootstrap(few * 8, seed=1).width < bootstrap(few * 2, seed=1).width < bootstrap(few, seed=1).width


def test_rows_are_drawn_whole() -> None:
    tokens_and_solved = [(100.0, 1.0), (300.0, 1.0), (900.0, 0.0), (200.0, 1.0)]

    def tokens_per_solved(rows: Sample) -> float:
        return float(rows[:, 0].sum() / max(1.0, rows[:, 1].sum()))

    found = bootstrap(tokens_and_solved, statistic=tokens_per_solved, seed=3)
    assert found.value == 500.0
    assert 100 <= found.low < 500 < found.high <= 3600
    assert found.n == 4


def test_equal_values_have_no_spread_and_do_not_break() -> None:
    found = bootstrap([0.5] * 3, seed=1)
    assert (found.low, found.high, found.method) == (0.5, 0.5, "percentile bootstrap")
    assert bootstrap([0.1] * 3, seed=1).width == pytest.approx(0, abs=1e-15)


def test_one_value_is_refused() -> None:
    with pytest.raises(ValueError, match="1 values cannot be drawn again"):
        bootstrap([1.0], seed=1)
    with pytest.raises(ValueError, match="0 values cannot be drawn again"):
        bootstrap_change([1.0, 2.0], [], seed=1)
