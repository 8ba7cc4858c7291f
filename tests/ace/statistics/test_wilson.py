from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tta_dev_primitives.ace.statistics import Estimate, wilson

from .oracles import wilson_interval


@st.composite
def shares(draw: st.DrawFn) -> tuple[int, int]:
    n = draw(st.integers(1, 300))
    return draw(st.integers(0, n)), n


@given(shares(), st.sampled_from([0.8, 0.95, 0.99]))
def test_agrees_with_scipy(share: tuple[int, int], level: float) -> None:
    successes, n = share
    expected = wilson_interval(successes, n, level)
    found = wilson(successes, n, level=level)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert (found.value, found.n, found.level, found.method) == (successes / n, n, level, "Wilson")


@given(shares())
def test_the_interval_lies_within_0_and_1_and_mirrors(share: tuple[int, int]) -> None:
    successes, n = share
    found, mirrored = wilson(successes, n), wilson(n - successes, n)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert (found.low, found.high) == pytest.approx((1 - mirrored.high, 1 - mirrored.low))


@given(shares(), st.integers(2, 5))
def test_more_trials_give_a_narrower_interval(share: tuple[int, int], times: int) -> None:
    successes, n = share
    assert wilson(times * successes, times * n).width < wilson(successes, n).width


def test_no_success_has_a_lower_end_of_exactly_0_and_all_an_upper_end_of_exactly_1() -> None:
    for n in range(1, 50):
        assert wilson(0, n).low == 0.0 < wilson(0, n).high < 1
        assert wilson(n, n).high == 1.0 > wilson(n, n).low > 0


@pytest.mark.parametrize(("successes", "n"), [(0, 0), (3, 2), (-1, 4)])
def test_what_is_no_share_is_refused(successes: int, n: int) -> None:
    with pytest.raises(ValueError, match=f"{successes} of {n} is no share"):
        wilson(successes, n)


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
def test_what_is_no_level_is_refused(level: float) -> None:
    with pytest.raises(ValueError, match="no confidence level"):
        wilson(1, 2, level=level)


def test_an_estimate_holds_its_value_and_rests_on_something() -> None:
    with pytest.raises(ValueError, match=r"does not hold 0\.9"):
        Estimate(value=0.9, low=0.1, high=0.5, n=3, method="none")
    with pytest.raises(ValueError, match="n=0"):
        Estimate(value=0.3, low=0.1, high=0.5, n=0, method="none")


def test_a_sign_is_decided_when_the_interval_leaves_out_zero() -> None:
    gain = Estimate(value=0.3, low=0.1, high=0.5, n=3, method="none")
    assert gain.decided
    assert gain.negated() == Estimate(value=-0.3, low=-0.5, high=-0.1, n=3, method="none")
    assert gain.negated().decided
    assert not Estimate(value=0.3, low=-0.1, high=0.5, n=3, method="none").decided


def test_a_mean_of_shares_that_rounding_left_below_1_is_within_its_interval() -> None:
    for n in range(1, 400):
        for share in (1 - 2**-53, 1 - 2**-52, 2**-57, 2**-53):
            found = wilson(share * n, n)
            assert 0 <= found.low <= found.value <= found.high <= 1
