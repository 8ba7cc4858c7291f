"""Replay tells what another configuration would have been worth, where the log can tell."""

from __future__ import annotations

from statistics import fmean

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tuning.worlds import HEAVY, REFUSING, TRANSIENT, Service

from tests.workflow.adaptive.logs import BASE, OK, REFUSED, UTILITY, log_of, seen
from tta_dev_primitives.workflow.adaptive import Configuration
from tta_dev_primitives.workflow.adaptive.replay import Requests, worth
from tta_dev_primitives.workflow.adaptive.request import Attempt, Request

PROBE = Configuration(timeout_s=20.0, retries=4)
CUT = Attempt(ok=False, seconds=10.0, cut=True)
failures = st.lists(st.sampled_from([REFUSED, CUT]), max_size=2)


def ended(failed: list[Attempt], last: Attempt) -> Request:
    return seen(*failed, last)


requests = st.builds(ended, failures, st.sampled_from([OK, REFUSED, CUT]))


def replayed(log: tuple[Request, ...], other: Configuration) -> list[float]:
    found = worth(Requests.of(log, tries=other.retries + 1, seed=1), other, UTILITY)
    return [float(value) for value in found]


@given(st.lists(requests, min_size=1, max_size=8).map(tuple))
def test_under_its_own_configuration_a_request_is_worth_what_it_was(log: tuple[Request, ...]) -> None:
    assert replayed(log, BASE) == pytest.approx([UTILITY.of(one) for one in log])


@given(st.lists(requests, min_size=1, max_size=8).map(tuple), st.integers(0, 1))
def test_fewer_retries_only_cut_the_chain(log: tuple[Request, ...], retries: int) -> None:
    fewer = Configuration(timeout_s=10.0, retries=retries)
    shorter = [seen(*one.attempts[: retries + 1], how=fewer) for one in log]
    assert replayed(log, fewer) == pytest.approx([UTILITY.of(one) for one in shorter])


def test_what_the_log_cannot_tell_is_not_a_number() -> None:
    log = (seen(OK), seen(OK, how=PROBE))
    assert np.isnan(replayed(log, Configuration(timeout_s=20.0, retries=2))).tolist() == [True, False]


def test_a_request_that_was_refused_is_not_rescued_by_another_ones_luck() -> None:
    log = (*[seen(REFUSED, REFUSED, REFUSED)] * 5, *[seen(OK)] * 50)
    hedged = Configuration(timeout_s=10.0, retries=2, hedge_after_s=0.05)
    for value in replayed(log, hedged)[:5]:
        assert value < 0


def test_a_request_cut_off_sooner_goes_on_with_attempts_of_solved_requests() -> None:
    slow, quick = seen(Attempt(ok=True, seconds=8.0)), seen(OK)
    log = (slow, *[quick] * 99)
    value = replayed(log, Configuration(timeout_s=2.0, retries=2))[0]
    twice = 1 - 0.02 * (2 + 0.25 + 1) - 0.05 * 2
    assert value == pytest.approx(twice, abs=0.02)


@pytest.mark.parametrize("service", [HEAVY, REFUSING, TRANSIENT, Service()])
@pytest.mark.parametrize(
    "other",
    [
        Configuration(timeout_s=2.5, retries=2),
        Configuration(timeout_s=2.5, retries=4, hedge_after_s=1.5),
        Configuration(timeout_s=1.25, retries=0),
    ],
    ids=str,
)
def test_it_agrees_with_what_really_happens(service: Service, other: Configuration) -> None:
    really = fmean(UTILITY.of(one) for one in log_of(service, other, 4000))
    assert fmean(replayed(log_of(service, PROBE, 4000, seed=1), other)) == pytest.approx(really, abs=0.025)


def test_a_log_with_hedges_tells_about_the_same_hedge() -> None:
    hedged = Configuration(timeout_s=5.0, retries=2, hedge_after_s=1.5)
    shorter = Configuration(timeout_s=2.5, retries=1, hedge_after_s=1.5)
    really = fmean(UTILITY.of(one) for one in log_of(HEAVY, shorter, 4000))
    assert fmean(replayed(log_of(HEAVY, hedged, 4000, seed=1), shorter)) == pytest.approx(really, abs=0.025)
