from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tta_dev_primitives.ace.statistics import Estimate, difference, wilson

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


def test_more_trials_give_a_narrower_interval() -> None:
    few = difference(wilson(1, 5), wilson(4, 5))
    assert difference(wilson(4, 20), wilson(16, 20)).width < few.width


def test_different_levels_do_not_compare() -> None:
    with pytest.raises(ValueError, match=r"levels 0\.95 and 0\.9 do not compare"):
        difference(wilson(1, 2), wilson(1, 2, level=0.9))
