from __future__ import annotations

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tta_dev_primitives.ace.statistics import Estimate, combine, difference, wilson

NEWCOMBE_1998_TABLE_II = [
    ((56, 70), (48, 80), (0.0524, 0.3339)),
    ((9, 10), (3, 10), (0.1705, 0.8090)),
    ((6, 7), (2, 7), (0.0582, 0.8062)),
    ((5, 56), (0, 29), (-0.0381, 0.1926)),
    ((0, 10), (0, 20), (-0.1611, 0.2775)),
    ((0, 10), (0, 10), (-0.2775, 0.2775)),
    ((10, 10), (0, 20), (0.6791, 1.0000)),
    ((10, 10), (0, 10), (0.6075, 1.0000)),
]


@pytest.mark.parametrize(("more", "fewer", "interval"), NEWCOMBE_1998_TABLE_II)
def test_the_difference_of_two_shares_is_newcombe_s(
    more: tuple[int, int], fewer: tuple[int, int], interval: tuple[float, float]
) -> None:
    found = difference(wilson(*fewer), wilson(*more))
    assert (round(found.low, 4), round(found.high, 4)) == interval
    assert found.n == more[1] + fewer[1]


@st.composite
def estimates(draw: st.DrawFn) -> Estimate:
    n = draw(st.integers(1, 50))
    return wilson(draw(st.integers(0, n)), n)


@given(estimates(), estimates())
def test_a_difference_lies_within_the_range_and_swaps_with_the_arms(
    first: Estimate, second: Estimate
) -> None:
    found, swapped = difference(first, second), difference(second, first)
    assert -1 - 1e-12 <= found.low <= found.value <= found.high <= 1 + 1e-12
    assert (swapped.value, swapped.low, swapped.high) == pytest.approx(
        (-found.value, -found.high, -found.low)
    )


@given(estimates(), st.integers(1, 6))
def test_a_mean_of_equals_narrows_with_the_root_of_their_number(one: Estimate, count: int) -> None:
    found = combine([one] * count, [1 / count] * count)
    assert found.value == pytest.approx(one.value)
    assert found.width == pytest.approx(one.width / sqrt(count))
    assert found.n == count * one.n


def test_what_does_not_combine_is_refused() -> None:
    one = wilson(1, 2)
    with pytest.raises(ValueError, match="0 estimates"):
        combine([], [])
    with pytest.raises(ValueError, match="1 estimates need as many weights, not 2"):
        combine([one], [1, 1])
    with pytest.raises(ValueError, match=r"levels \[0.9, 0.95\]"):
        combine([one, wilson(1, 2, level=0.9)], [1, 1])
