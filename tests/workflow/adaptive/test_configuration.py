"""Configurations: what covers what, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tta_dev_primitives.core.errors import ConfigurationError
from tta_dev_primitives.workflow.adaptive import Configuration, grid_around
from tta_dev_primitives.workflow.adaptive.configuration import richest

configurations = st.builds(
    Configuration,
    timeout_s=st.sampled_from([1.0, 2.0, 4.0]),
    retries=st.integers(0, 3),
    backoff_s=st.sampled_from([0.1, 0.5]),
    hedge_after_s=st.sampled_from([None, 0.2, 0.4]),
)


@given(configurations)
def test_each_covers_itself(one: Configuration) -> None:
    assert one.covers(one)


@given(configurations, configurations, configurations)
def test_covering_is_transitive(one: Configuration, two: Configuration, three: Configuration) -> None:
    if one.covers(two) and two.covers(three):
        assert one.covers(three)


@given(st.lists(configurations, min_size=1).map(tuple))
def test_the_richest_covers_all(several: tuple[Configuration, ...]) -> None:
    assert all(richest(several).covers(one) for one in several)


def test_a_log_says_nothing_beyond_what_it_could_see() -> None:
    seen = Configuration(timeout_s=2, retries=1)
    assert not seen.covers(Configuration(timeout_s=3, retries=1)), "cut off before"
    assert not seen.covers(Configuration(timeout_s=2, retries=2)), "given up before"
    assert not seen.covers(Configuration(timeout_s=2, retries=1, backoff_s=0.1)), "asked later"
    assert seen.covers(Configuration(timeout_s=1, retries=0, hedge_after_s=0.5))
    hedged = Configuration(timeout_s=2, retries=1, hedge_after_s=0.5)
    assert not hedged.covers(seen), "the slow first calls were cancelled"


def test_the_grid_has_hedges_and_retries_only_where_they_may_be() -> None:
    base = Configuration(timeout_s=10, retries=0)
    assert 40 < len(grid_around(base, hedge=True)) <= 64
    assert all(one.hedge_after_s is None for one in grid_around(base))
    assert all(one.retries == 0 for one in grid_around(base, retry=False))
    assert grid_around(base)[0] == base


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"timeout_s": 0.0, "retries": 1}, "timeout_s=0.0"),
        ({"timeout_s": float("inf"), "retries": 1}, "timeout_s=inf"),
        ({"timeout_s": 1.0, "retries": -1}, "retries=-1"),
        ({"timeout_s": 1.0, "retries": 1.5}, "retries=1.5"),
        ({"timeout_s": 1.0, "retries": 1, "backoff_s": -1.0}, "backoff_s=-1.0"),
        ({"timeout_s": 1.0, "retries": 1, "hedge_after_s": 1.0}, "hedge_after_s=1.0"),
    ],
)
def test_nonsense_is_refused_by_name(wrong: dict[str, float], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        Configuration(**wrong)  # type: ignore[arg-type]


def test_pauses_double_up_to_a_limit() -> None:
    one = Configuration(timeout_s=1, retries=9, backoff_s=1)
    assert [one.longest_pause_s(number) for number in (0, 1, 2, 3, 9)] == [0, 1, 2, 4, 20]
    assert one.pause_s(2) == 1
    assert Configuration(timeout_s=1, retries=2, backoff_s=1).longest_s == 3 + 1 + 2
