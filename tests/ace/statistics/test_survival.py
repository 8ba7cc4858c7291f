from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tta_dev_primitives.ace.statistics import kaplan_meier, wilson

from .oracles import survival_curve

_LIVES = st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=1, max_size=30)
FREIREICH_6MP = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
"""Weeks of remission of the treated, Freireich 1963; the first 9 relapsed."""


def test_the_published_example_of_remissions() -> None:
    found = kaplan_meier(FREIREICH_6MP, [True] * 9 + [False] * 12)
    assert [round(found.at(week).value, 4) for week in (6, 7, 10, 13, 16, 22, 23)] == [
        0.8571,
        0.8067,
        0.7529,
        0.6902,
        0.6275,
        0.5378,
        0.4482,
    ]
    assert (found.median.value, found.median.low, found.median.high) == (23, 13, None)
    assert found.n == 21


@given(_LIVES)
def test_agrees_with_scipy(lives: list[tuple[int, bool]]) -> None:
    times, ended = [time for time, _ in lives], [end for _, end in lives]
    loglog, greenwood = kaplan_meier(times, ended), kaplan_meier(times, ended, interval="greenwood")
    for point in survival_curve(times, ended):
        assert loglog.at(point.time).value == pytest.approx(point.survival, abs=1e-9)
        if 1e-9 < point.survival < 1 - 1e-9:
            for here, there in (
                (loglog.at(point.time), point.loglog),
                (greenwood.at(point.time), point.greenwood),
            ):
                assert (here.low, here.high) == pytest.approx((there.low, there.high))


@given(_LIVES)
def test_the_curve_falls_within_its_interval(lives: list[tuple[int, bool]]) -> None:
    found = kaplan_meier([time for time, _ in lives], [end for _, end in lives])
    shares = [step.survival for step in found.steps]
    assert shares == sorted(shares, reverse=True)
    assert all(0 <= step.low <= step.survival <= step.high <= 1 for step in found.steps)
    assert found.at(0).value == 1.0
    assert found.at(1000).value == shares[-1]


@given(st.integers(1, 40))
def test_while_none_has_ended_those_at_risk_bound_the_share(count: int) -> None:
    found = kaplan_meier([5.0] * count, [False] * count)
    assert found.at(5).low == wilson(count, count).low
    assert found.at(5).high == 1.0
    assert found.median.value is None


@given(st.integers(1, 40))
def test_when_all_have_ended_some_could_have_lasted(count: int) -> None:
    found = kaplan_meier([5.0] * count, [True] * count)
    assert found.at(5).value == found.at(5).low == 0.0
    assert found.at(5).high == wilson(0, count).high
    assert found.median.value == 5.0


def test_an_end_at_once_counts() -> None:
    assert kaplan_meier([0.0, 3.0], [True, True]).at(0).value == 0.5


@pytest.mark.parametrize(("durations", "observed"), [([], []), ([1.0], []), ([-1.0], [True])])
def test_what_cannot_be_used_is_refused(durations: list[float], observed: list[bool]) -> None:
    with pytest.raises(ValueError, match="cannot be used"):
        kaplan_meier(durations, observed)


def test_there_is_nothing_before_the_start() -> None:
    with pytest.raises(ValueError, match="before the start"):
        kaplan_meier([1.0], [True]).at(-1)
