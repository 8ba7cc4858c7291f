from __future__ import annotations

import pytest

from tta_dev_primitives.ace.events import Gated, GateResult, Observe, Pin, Retire
from tta_dev_primitives.ace.statistics import difference, wilson

from .making import FAILED, START, Ran, added, after, metric, reading, stored

VELOCITY = "Development Velocity"


def costing(count: int, name: str, *, calls: int, tokens: int = 1, seconds: float = 1.0) -> list[Ran]:
    return [Ran(task=f"{name}{n}", calls=calls, tokens=tokens, seconds=seconds) for n in range(count)]


def test_a_solved_task_costs_less_late_than_early() -> None:
    early = costing(6, "e", calls=4, tokens=3000, seconds=40)
    late = costing(6, "l", calls=2, tokens=1000, seconds=30)
    calls, tokens, seconds = metric(VELOCITY, stored(*early, *late)).readings
    assert [one.value for one in (calls, tokens, seconds)] == pytest.approx([0.5, 1 / 3, 0.75])
    assert tokens.note == "1,000 late, 3,000 early"
    assert calls.note == "2 late, 4 early"
    assert calls.n == 12


def test_what_failed_runs_cost_is_part_of_the_cost_of_solved_ones() -> None:
    early = costing(6, "e", calls=2)
    late = [*costing(5, "l", calls=2), Ran(task="lost", gave_up=True, errors=FAILED, calls=5)]
    assert reading(VELOCITY, "model calls", stored(*early, *late)).value == pytest.approx(15 / 5 / 2)


def test_replayed_answers_take_no_time_that_counts() -> None:
    replayed = [Ran(task=f"r{n}", recorded="2026-01-01") for n in range(20)]
    found = reading(VELOCITY, "seconds", stored(*replayed))
    assert found.note == "not enough data: needs 5 tasks on each side; 0 early, 0 late"
    assert reading(VELOCITY, "model calls", stored(*replayed)).value == 1.0


def test_without_solved_tasks_there_is_no_cost_of_one() -> None:
    lost = [Ran(task=f"t{n}", gave_up=True, errors=FAILED) for n in range(12)]
    found = reading(VELOCITY, "model calls", stored(*lost))
    assert found.value is None
    assert found.note == (
        "not enough data: needs solved tasks and calls in both halves; early 0 solved with 6 calls, "
        "late 0 with 6"
    )


def test_runs_cut_short_say_nothing_about_success() -> None:
    whole = [Ran(task=f"t{n}", errors=FAILED) for n in range(6)]
    cut = [Ran(task=f"c{n}", errors=FAILED, gave_up=True, cut_short="no money") for n in range(6)]
    solved, first, defects = metric("Code Quality", stored(*whole, *cut)).readings
    assert solved.estimate == wilson(6, 6)
    assert first.estimate == wilson(0, 12)
    assert defects.value == 1.0


def test_a_task_counts_once_in_quality() -> None:
    runs = [*[Ran(task="often")] * 20, *[Ran(task=f"t{n}", errors=FAILED) for n in range(4)]]
    found = reading("Code Quality", "right", stored(*runs))
    assert found.estimate == wilson(1, 5)


def test_nothing_solved_has_no_failures_per_solved_task() -> None:
    lost = [Ran(task=f"t{n}", gave_up=True, errors=FAILED) for n in range(6)]
    found = reading("Code Quality", "failing", stored(*lost))
    assert found.note == "not enough data: needs 5 tasks with checks, and a solved one; 6, 0 solved"


def test_an_act_is_all_that_one_run_or_one_person_did_at_a_time() -> None:
    history = [
        *(after(0, added(name), run="import of team.json") for name in "abc"),
        after(1, added("x"), actor="curator"),
        after(1, added("y"), actor="curator"),
        after(1, Observe(bullet="x", episode_id="e", included=True, propensity=1, success=True, score=1)),
        after(2, added("z"), actor="curator"),
        after(3, added("w"), actor="curator"),
        after(4, Retire(bullet="x", reason="wrong"), actor="user"),
        after(4, Pin(bullet="y"), actor="user"),
        after(5, Observe(bullet="y", episode_id="f", included=True, propensity=1, success=True, score=1)),
    ]
    imported = [item.model_copy(update={"actor": "import"}) for item in history[:3]]
    found = metric("Maintenance Reduction", stored(Ran(task="t"), history=[*imported, *history[3:]]))
    assert found.estimate == wilson(3, 5)
    assert (found.n, found.note) == (5, "2 by a person")


def test_two_edits_of_a_file_are_two_acts_if_there_was_a_run_between() -> None:
    history = [
        after(0, added("a")),
        after(1, Pin(bullet="a"), actor="import", run="import of playbook.json"),
        after(2, Observe(bullet="a", episode_id="e", included=True, propensity=1, success=True, score=1)),
        after(2, Gated(version=3, contents="", result=GateResult.KEPT)),
        after(3, Pin(bullet="a", pinned=False), actor="import", run="import of playbook.json"),
        after(4, added("b")),
        after(5, added("c")),
    ]
    found = metric("Maintenance Reduction", stored(Ran(task="t"), history=history))
    assert found.estimate == wilson(3, 5)


def test_a_person_steps_in_less_often_late_than_early() -> None:
    runs = [Ran(task=f"t{n}") for n in range(12)]
    history = [
        after(0, added("a")),
        after(1, added("b")),
        *(after(n, Pin(bullet="a", pinned=bool(n % 2)), actor="user", run=f"edit-{n}") for n in (1, 2, 2, 9)),
    ]
    found = reading("Maintenance Reduction", "runs after", stored(*runs, history=history))
    assert found.estimate == difference(wilson(2, 6), wilson(1, 6))
    assert found.note == "17% of 6 late, 33% of 6 early"


def test_what_a_person_did_before_the_asked_time_does_not_count() -> None:
    runs = [Ran(task=f"t{n}") for n in range(22)]
    history = [
        after(0, added("a")),
        *(after(n, Pin(bullet="a", pinned=bool(n % 2)), actor="user", run=f"edit-{n}") for n in (1, 3, 12)),
    ]
    since = START.replace(minute=10)
    found = reading("Maintenance Reduction", "runs after", stored(*runs, history=history, since=since))
    assert found.estimate == difference(wilson(1, 6), wilson(0, 6))


def test_knowledge_is_found_and_used_for_other_tasks() -> None:
    history = [after(0, added(name, task=f"t{place}")) for place, name in enumerate("abcde")]
    runs = [
        Ran(task="t0", strategies="a"),
        Ran(task="t1", strategies="ac"),
        Ran(task="t2", strategies="bcd", held_out=True),
        Ran(task="t3"),
        Ran(task="t4", strategies="e"),
    ]
    found, reused, kept = metric("Knowledge Capture", stored(*runs, history=history)).readings
    assert found.estimate == wilson(4, 5)
    assert reused.estimate == wilson(2, 5)
    assert (kept.value, kept.n) == (5 * 3, 5)
    assert kept.note == "5 strategies in use, from 5 tasks or imports"
