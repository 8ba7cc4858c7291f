from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tta_dev_primitives.ace.metrics import learning_curve
from tta_dev_primitives.ace.metrics.trend import POINTS, growth, trend
from tta_dev_primitives.ace.statistics import wilson
from tta_dev_primitives.ace.training.result import Phase

from .making import outcome

ROWS = [
    outcome(phase=Phase.TRAIN, epoch=1, first_try=False, success=False, attempts=3, probes=2, calls=6),
    outcome(phase=Phase.TRAIN, epoch=1, first_try=False, attempts=2, probes=1, calls=4),
    outcome(phase=Phase.VALIDATION, epoch=1, first_try=False, version=1),
    outcome(phase=Phase.TRAIN, epoch=2, first_try=True, version=1),
    outcome(phase=Phase.TRAIN, epoch=2, first_try=True, version=1),
]


def test_a_point_an_epoch_and_phase() -> None:
    first, second, validation = learning_curve(ROWS)
    assert (first.phase, first.index, first.n) == ("train", 1, 2)
    assert (second.phase, second.index, validation.phase) == ("train", 2, "validation")
    assert (first.first_try, first.success) == (wilson(0, 2), wilson(1, 2))
    assert (second.first_try, second.so_far) == (wilson(2, 2), wilson(2, 4))
    assert (first.probes, first.attempts) == (1.5, 2.5)
    assert (first.calls_per_solved, first.tokens_per_solved, first.seconds_per_solved) == (10, 200, 8)
    assert (second.playbook_size, second.playbook_tokens) == (3, 60)


def test_a_point_a_window() -> None:
    rows = [outcome(window=place) for place in range(2)]
    assert [point.index for point in learning_curve(rows, by="window")] == [0, 1]


def test_a_point_a_step_takes_the_latest_results() -> None:
    rows = [outcome(phase=Phase.TRAIN, first_try=right) for right in (False, False, True, True)]
    points = learning_curve(rows, by="step", width=2)
    assert [point.index for point in points] == [1, 2, 3, 4]
    assert [point.first_try for point in points] == [
        wilson(k, n) for k, n in ((0, 1), (0, 2), (1, 2), (2, 2))
    ]
    assert [point.so_far.n for point in points] == [1, 2, 3, 4]


def test_nothing_solved_has_no_cost_a_solved_task() -> None:
    (point,) = learning_curve([outcome(success=False, first_try=False)])
    assert point.calls_per_solved is point.tokens_per_solved is point.seconds_per_solved is None


def test_no_results_have_no_curve_and_no_width_is_refused() -> None:
    assert learning_curve([]) == ()
    with pytest.raises(ValueError, match="width=0 takes no result"):
        learning_curve(ROWS, by="step", width=0)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=60))
def test_a_trend_has_few_points_and_a_growth_ends_at_the_sum(values: list[int]) -> None:
    assert len(trend(values)) == len(growth(values)) == min(POINTS, len(values))
    assert growth(values)[-1] == sum(values)
    assert min(values) <= min(trend(values)) <= max(trend(values)) <= max(values)
