"""Decisions on noisy measurements: right as often as they claim, and not made without enough of them."""

from __future__ import annotations

import random
from math import inf

from hypothesis import given
from hypothesis import strategies as st

from tta_dev_primitives.learners.performance.deciding import CONFIDENCE, Side, median_interval, side_of
from tta_dev_primitives.learners.performance.slope import slope

VALUES = st.lists(st.floats(-1e6, 1e6), max_size=30)


def test_too_few_values_decide_nothing() -> None:
    assert median_interval([1.0] * 6) == (-inf, inf)
    assert median_interval([3.0, 1.0, 2.0, 5.0, 4.0, 7.0, 6.0]) == (1.0, 7.0)
    assert side_of([2.0] * 6, 1.0) is Side.UNCLEAR
    assert side_of([2.0] * 7, 1.0) is Side.ABOVE
    assert side_of([0.5] * 7, 1.0) is Side.BELOW
    assert side_of([0.5] * 7 + [2.0] * 7, 1.0) is Side.UNCLEAR


def test_one_outlier_among_many_does_not_decide() -> None:
    assert side_of([0.5] * 10 + [100.0], 1.0) is Side.BELOW


@given(VALUES, st.floats(-1e6, 1e6))
def test_sides_are_consistent_and_order_is_of_no_account(values: list[float], bound: float) -> None:
    side = side_of(values, bound)

    assert side is side_of(values[::-1], bound)
    if side is Side.ABOVE:
        assert side_of(values, bound - 1) is Side.ABOVE
    if side is Side.BELOW:
        assert side_of(values, bound + 1) is Side.BELOW


def test_the_interval_holds_the_median_as_often_as_it_says() -> None:
    source, held, runs = random.Random(5), 0, 2_000  # noqa: S311  # no secret
    for _ in range(runs):
        low, high = median_interval([source.lognormvariate(0, 1) for _ in range(11)])
        held += low <= 1.0 <= high

    assert held / runs >= CONFIDENCE - 0.01


@given(st.floats(0.2, 3), st.floats(1e-9, 1e-3))
def test_the_slope_is_the_power_whatever_the_factor(power: float, factor: float) -> None:
    sizes = (100, 200, 400, 800)

    assert abs(slope(sizes, [factor * n**power for n in sizes]) - power) < 1e-6


def test_one_time_that_is_off_moves_the_slope_little() -> None:
    sizes = (100, 200, 400, 800, 1600)
    seconds = [n**2 * 1e-6 for n in sizes]
    seconds[2] *= 2

    assert abs(slope(sizes, seconds) - 2) < 0.1
