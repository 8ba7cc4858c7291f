from __future__ import annotations

import math
from random import Random
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tta_dev_primitives.core.errors import ConfigurationError
from tta_dev_primitives.workflow import Backoff


def test_the_ceiling_grows_by_the_factor_up_to_the_most() -> None:
    backoff = Backoff(first_s=1, factor=3, most_s=20)
    assert [backoff.ceiling_s(number) for number in (1, 2, 3, 4, 10_000)] == [1, 3, 9, 20, 20]


def test_without_jitter_a_wait_is_its_ceiling() -> None:
    assert Backoff(first_s=2, jitter=False).wait_s(2, Random(1)) == 4  # noqa: S311  # no secret


@given(
    first=st.floats(0.001, 100),
    factor=st.floats(1, 100),
    more=st.floats(1, 1e6),
    number=st.integers(1, 5000),
    seed=st.integers(),
)
def test_a_wait_is_never_above_its_ceiling_and_ceilings_never_fall(
    first: float, factor: float, more: float, number: int, seed: int
) -> None:
    backoff = Backoff(first_s=first, factor=factor, most_s=first * more)
    assert 0 <= backoff.wait_s(number, Random(seed)) <= backoff.ceiling_s(number) <= backoff.most_s  # noqa: S311  # no secret
    assert backoff.ceiling_s(number) <= backoff.ceiling_s(number + 1)


def test_full_jitter_reaches_the_whole_range() -> None:
    random = Random(7)  # noqa: S311  # no secret
    waits = [Backoff(first_s=1).wait_s(1, random) for _ in range(500)]
    assert min(waits) < 0.05
    assert max(waits) > 0.95


@pytest.mark.parametrize("wrong", [0, -1, math.nan, math.inf, True, "1"])
@pytest.mark.parametrize("name", ["first_s", "most_s"])
def test_nonsense_is_refused(name: str, wrong: float) -> None:
    with pytest.raises(ConfigurationError, match=name):
        Backoff(**cast("Any", {name: wrong}))


@pytest.mark.parametrize("wrong", [0.5, -1, math.nan, math.inf])
def test_a_factor_that_shrinks_or_explodes_is_refused(wrong: float) -> None:
    with pytest.raises(ConfigurationError, match="factor"):
        Backoff(factor=wrong)


def test_a_most_below_the_first_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="most_s=1"):
        Backoff(first_s=2, most_s=1)
