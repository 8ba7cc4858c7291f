from __future__ import annotations

from math import exp, log

import pytest

from tta_dev_primitives.ace.bullet import Status
from tta_dev_primitives.ace.events import Alias, Promote, Retire, Suspend
from tta_dev_primitives.ace.metrics import Reading
from tta_dev_primitives.ace.standing import Evidence
from tta_dev_primitives.ace.statistics import Pairs, bootstrap, difference, tango, wilson
from tta_dev_primitives.ace.training.result import Phase, TaskResult

from .making import FAILED, Ran, added, after, metric, outcome, reading, stored

SUCCESS = "Success Rate Improvement"
MEASURED = Evidence(relevant=30, included=20, mean=0.4, sd=0.2, e_value=25, window=100, version=3)


def arm(
    *, right: int, wrong: int, held_out: bool = False, family: str = "general", name: str = ""
) -> list[Ran]:
    return [
        Ran(
            task=f"{name}{family}-{held_out}-{number}",
            family=family,
            held_out=held_out,
            strategies=("b",),
            errors=() if number < right else FAILED,
        )
        for number in range(right + wrong)
    ]


def test_hold_outs_are_compared_with_runs_that_might_use_strategies() -> None:
    runs = [*arm(right=2, wrong=4, held_out=True), *arm(right=6, wrong=2)]
    found = reading(SUCCESS, "random hold-outs", stored(*runs))
    expected = difference(wilson(2, 6), wilson(6, 8))
    assert found.estimate == expected
    assert (found.value, found.n, found.of) == (expected.value, 14, "tasks")
    assert found.note == "75% of 8 with strategies, 33% of 6 held out"
    assert metric(SUCCESS, stored(*runs)).value == expected.value


def test_a_run_without_any_strategy_for_it_is_no_hold_out() -> None:
    baseline = [Ran(task=f"old-{number}", errors=FAILED) for number in range(9)]
    found = reading(SUCCESS, "random hold-outs", stored(*baseline, *arm(right=6, wrong=2)))
    assert found.value is None
    assert found.note.endswith("in families that have both; 0 held out, 0 with strategies")


def test_an_easy_family_is_not_compared_with_a_hard_one() -> None:
    runs = [
        *arm(right=0, wrong=9, held_out=True, family="hard"),
        *arm(right=9, wrong=0, family="easy"),
    ]
    assert reading(SUCCESS, "random hold-outs", stored(*runs)).value is None


def test_families_are_weighted_by_the_tasks_on_both_sides() -> None:
    runs = [
        *arm(right=0, wrong=4, held_out=True, family="a"),
        *arm(right=4, wrong=0, family="a"),
        *arm(right=6, wrong=0, held_out=True, family="b"),
        *arm(right=12, wrong=0, family="b"),
    ]
    found = reading(SUCCESS, "random hold-outs", stored(*runs))
    weight_a, weight_b = 4 * 4 / 8, 6 * 12 / 18
    assert found.value == pytest.approx(weight_a * 1.0 / (weight_a + weight_b))


def test_a_task_counts_once_however_often_it_was_run() -> None:
    runs = [*arm(right=2, wrong=4, held_out=True), *arm(right=6, wrong=2)]
    once, often = stored(*runs), stored(*runs * 3)
    first, again = (reading(SUCCESS, "random hold-outs", of) for of in (once, often))
    assert first.estimate == again.estimate
    assert first.n == again.n


def test_tasks_without_checks_do_not_count() -> None:
    unchecked = [Ran(task=f"u{number}", unchecked=True, errors=FAILED) for number in range(20)]
    runs = [*arm(right=2, wrong=4, held_out=True), *arm(right=6, wrong=2)]
    assert metric(SUCCESS, stored(*unchecked, *runs)) == metric(SUCCESS, stored(*runs))


def held_out_tasks(phase: Phase, version: int = 0) -> list[TaskResult]:
    return [
        outcome(phase=phase, task=f"{phase}-{number}", first_try=number < 2, version=version)
        for number in range(8)
    ]


def test_held_out_tasks_are_paired() -> None:
    without = held_out_tasks(Phase.TEST)
    earlier = [outcome(task=row.task_id, first_try=False, version=1) for row in without]
    learned = [outcome(task=row.task_id, first_try=row.task_id != "test-0", version=9) for row in without]
    found = reading(SUCCESS, "held-out tasks", stored(results=[*without, *earlier, *learned]))
    assert found.estimate == tango(Pairs(both=1, only_first=1, only_second=6))
    assert found.note == "6 won, 1 lost, 1 right both times, 0 never; p = 0.12 (McNemar, exact)"
    assert found.n == 8


def test_a_test_comes_before_validation_tasks_and_those_say_that_they_chose_the_version() -> None:
    validation = [*held_out_tasks(Phase.VALIDATION), *held_out_tasks(Phase.VALIDATION, version=1)]
    found = reading(SUCCESS, "held-out tasks", stored(results=validation))
    assert found.value == 0.0
    assert found.note.endswith("by which the version was chosen, so rather too good")
    tested = stored(results=[*validation, *held_out_tasks(Phase.TEST)])
    assert reading(SUCCESS, "held-out tasks", tested).value is None


def test_the_last_run_of_a_task_is_paired_with_its_first() -> None:
    first = [Ran(task=f"t{number}", errors=FAILED) for number in range(6)]
    middle = [Ran(task=f"t{number}", errors=FAILED * 2) for number in range(6)]
    last = [Ran(task=f"t{number}") for number in range(5)]
    found = reading(SUCCESS, "same tasks", stored(*first, *middle, *last, Ran(task="once")))
    assert found.estimate == tango(Pairs(only_second=5, neither=1))


def test_late_runs_are_compared_with_early_ones_of_their_family() -> None:
    runs = [Ran(task=f"t{number}", errors=FAILED if number < 5 else ()) for number in range(11)]
    lone = Ran(task="lone", family="other", errors=FAILED)
    found = reading(SUCCESS, "late runs", stored(lone, *runs))
    assert found.estimate == difference(wilson(0, 5), wilson(6, 6))
    assert found.trend == (0.0,) * 6 + (1.0,) * 6


def test_strategies_are_counted_by_what_became_of_them() -> None:
    history = [
        *(after(number, added(name)) for number, name in enumerate("abcdefg")),
        after(7, added("imported", origin="import"), actor="import"),
        after(8, Promote(bullet="a", status=Status.VALIDATED, e_value=25, evidence=MEASURED)),
        after(9, Suspend(bullet="b", reason="harms")),
        after(10, Retire(bullet="c", reason="harms")),
        after(11, Alias(bullet="d", into="e")),
        after(12, added("h", supersedes="f")),
    ]
    of = stored(Ran(task="t", added="abc"), Ran(task="u", added="h"), history=history)
    in_use, proven, kept = metric("Strategy Accumulation", of).readings
    assert (in_use.value, in_use.n, in_use.trend) == (5, 9, (3.0, 4.0))
    assert in_use.note == "of 9 ever; 1 suspended, 1 retired"
    assert (proven.value, proven.n) == (1, 5)
    assert kept.estimate == wilson(4, 7)


def test_failing_programs_become_fewer() -> None:
    early = [Ran(task=f"e{number}", errors=["KeyError", "TypeError"][: number % 3]) for number in range(6)]
    late = [Ran(task=f"l{number}") for number in range(6)]
    fewer, repeated = metric("Error Reduction", stored(*early, *late)).readings
    assert fewer.value == -1.0
    assert fewer.estimate is not None
    assert fewer.estimate.high < 0
    assert fewer.note == "0.00 late, 1.00 early; runtime_error 6 to 0"
    assert repeated.estimate == wilson(0, 6)


def test_an_error_repeats_when_an_earlier_run_of_the_family_had_it() -> None:
    early = [Ran(task=f"e{number}", errors=["KeyError"]) for number in range(5)]
    late = [
        Ran(task="l0", errors=["KeyError"]),
        Ran(task="l1", errors=["TypeError"]),
        Ran(task="l2", errors=["ValueError", "TypeError"]),
        Ran(task="l3"),
        Ran(task="l4"),
    ]
    found = reading("Error Reduction", "late runs that repeat", stored(*early, *late))
    assert found.estimate == wilson(2, 5)


def test_an_error_within_one_run_is_no_repetition() -> None:
    runs = [Ran(task=f"t{number}", errors=[f"Error{number}", f"Error{number}"]) for number in range(10)]
    assert reading("Error Reduction", "late runs that repeat", stored(*runs)).value == 0.0


def timed(*speedups: float | None) -> list[Ran]:
    return [Ran(task=f"t{number}", speedup=speedup) for number, speedup in enumerate(speedups)]


def test_speed_is_the_geometric_mean_of_the_last_right_programs() -> None:
    runs = [Ran(task="t0", speedup=50.0), *timed(2.0, 8.0, 2.0, 8.0, 4.0), Ran(task="slow")]
    found = reading("Performance Gains", "speed", stored(*runs))
    expected = bootstrap([log(value) for value in (2, 8, 2, 8, 4)], seed=1).through(exp)
    assert found.value == pytest.approx(4.0)
    assert found.estimate == expected
    assert found.n == 5


def test_a_program_that_failed_has_no_speed() -> None:
    runs = [Ran(task=f"t{number}", errors=FAILED, gave_up=True, speedup=3.0) for number in range(9)]
    found = reading("Performance Gains", "speed", stored(*runs))
    assert found.note == "not enough data: needs 5 tasks with a workload and a right program; 0"


def test_late_programs_are_faster_than_early_ones() -> None:
    found = reading("Performance Gains", "late", stored(*timed(*[2.0] * 5, *[3.0] * 5)))
    assert found.value == pytest.approx(1.5)
    assert found.trend == pytest.approx((2.0,) * 5 + (3.0,) * 5)


def none_of(readings: tuple[Reading, ...]) -> bool:
    return all(one.value is None and one.note.startswith("not enough data: needs") for one in readings)


def test_four_tasks_on_a_side_are_not_enough_and_five_are() -> None:
    five, four = (arm(right=3, wrong=count - 3, held_out=True) for count in (5, 4))
    given = arm(right=6, wrong=0)
    assert reading(SUCCESS, "random hold-outs", stored(*five, *given)).value is not None
    lacking = reading(SUCCESS, "random hold-outs", stored(*four, *given))
    assert lacking.note == (
        "not enough data: needs 5 tasks on each side, in families that have both; "
        "4 held out, 6 with strategies"
    )
    assert none_of(metric("Performance Gains", stored(*timed(2.0, 3.0, 2.0, 4.0))).readings)
