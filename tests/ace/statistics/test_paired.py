from __future__ import annotations

from math import log, sqrt
from statistics import NormalDist

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tta_dev_primitives.ace.statistics import Pairs, mcnemar_exact, tango

from .oracles import lowest, root, sign_test

_Z = NormalDist().inv_cdf(0.975)

_COUNTS = st.integers(0, 40)
_PAIRS = st.builds(Pairs, both=_COUNTS, only_first=_COUNTS, only_second=_COUNTS, neither=_COUNTS).filter(
    lambda pairs: pairs.n > 0
)

PUBLISHED = {
    "soft contact lenses (Tango 1998, table I)": ((43, 0, 1, 0), 0.90, (-0.037, 0.096)),
    "two tests (Tango 1998, table IV)": ((4, 9, 3, 16), 0.95, (-0.390, 0.027)),
    "Agresti and Min 2005, table I": ((53, 16, 8, 9), 0.95, (-0.207, 0.020)),
    "airway hyper-responsiveness (Fagerland 2014)": ((1, 1, 7, 12), 0.95, (0.026, 0.517)),
}


@pytest.mark.parametrize(("cells", "level", "interval"), PUBLISHED.values(), ids=PUBLISHED)
def test_published_examples(
    cells: tuple[int, int, int, int], level: float, interval: tuple[float, float]
) -> None:
    both, only_first, only_second, neither = cells
    pairs = Pairs(both=both, only_first=only_first, only_second=only_second, neither=neither)
    found = tango(pairs, level=level)
    assert (round(found.low, 3), round(found.high, 3)) == interval


def _score(pairs: Pairs, difference: float) -> float:
    """The score statistic with the constrained likelihood maximised by search, not by Tango's formula."""
    agreeing = pairs.both + pairs.neither

    def unlikelihood(losing: float) -> float:
        rates = (losing, losing + difference, 1 - 2 * losing - difference)
        counts = (pairs.only_first, pairs.only_second, agreeing)
        return -sum(n * log(max(rate, 1e-300)) for n, rate in zip(counts, rates, strict=True))

    losing = lowest(unlikelihood, max(0.0, -difference), (1 - difference) / 2)
    variance = pairs.n * (2 * losing + difference * (1 - difference))
    return (pairs.only_second - pairs.only_first - pairs.n * difference) / sqrt(variance)


@settings(max_examples=25)
@given(st.builds(Pairs, both=_COUNTS, only_first=st.integers(1, 30), only_second=st.integers(1, 30)))
def test_tango_inverts_the_score_test(pairs: Pairs) -> None:
    found = tango(pairs)
    high = root(lambda difference: _score(pairs, difference) + _Z, found.value, 1 - 1e-9)
    low = root(lambda difference: _score(pairs, difference) - _Z, -1 + 1e-9, found.value)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-5)


@given(_PAIRS)
def test_the_interval_lies_within_the_range_and_swaps_with_the_arms(pairs: Pairs) -> None:
    found = tango(pairs)
    assert -1 <= found.low <= found.value <= found.high <= 1
    assert tango(pairs.swapped()) == found.negated()
    assert found.n == pairs.n


@given(_PAIRS)
def test_it_does_not_matter_which_pairs_agree(pairs: Pairs) -> None:
    agreeing = pairs.both + pairs.neither
    other = Pairs(both=agreeing, only_first=pairs.only_first, only_second=pairs.only_second)
    assert tango(other) == tango(pairs)


@given(_PAIRS)
def test_more_pairs_give_a_narrower_interval(pairs: Pairs) -> None:
    fourfold = Pairs(
        both=4 * pairs.both,
        only_first=4 * pairs.only_first,
        only_second=4 * pairs.only_second,
        neither=4 * pairs.neither,
    )
    assert tango(fourfold).width < tango(pairs).width


@given(st.integers(1, 500))
def test_pairs_that_all_agree_leave_room_on_both_sides(n: int) -> None:
    found, reach = tango(Pairs(both=n)), _Z * _Z / (n + _Z * _Z)
    assert (found.low, found.high) == pytest.approx((-reach, reach))


@given(st.integers(1, 60))
def test_pairs_that_all_gain_end_at_1(n: int) -> None:
    found = tango(Pairs(only_second=n))
    assert found.value == found.high == 1.0
    assert -1 < found.low < 1


@given(_PAIRS)
def test_mcnemar_agrees_with_the_binomial_test(pairs: Pairs) -> None:
    differing = pairs.only_first + pairs.only_second
    assert mcnemar_exact(pairs) == pytest.approx(sign_test(pairs.only_first, differing))
    assert mcnemar_exact(pairs.swapped()) == mcnemar_exact(pairs)


def test_pairs_are_counted_in_order() -> None:
    first, second = [True, True, False, False, False], [True, False, True, True, False]
    assert Pairs.of(first, second) == Pairs(both=1, only_first=1, only_second=2, neither=1)


def test_unequal_arms_no_pairs_and_negative_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="2 and 1 outcomes are no pairs"):
        Pairs.of([True, False], [True])
    with pytest.raises(ValueError, match="no pairs have no difference"):
        tango(Pairs())
    with pytest.raises(ValueError, match="negative count"):
        Pairs(both=-1)
