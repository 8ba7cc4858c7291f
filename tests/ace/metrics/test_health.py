from __future__ import annotations

import pytest

from tta_dev_primitives.ace.bullet import Status
from tta_dev_primitives.ace.events import (
    Alias,
    Forget,
    Promote,
    Recorded,
    Reinstate,
    Restore,
    Retire,
    Suspend,
    Tag,
    TagKind,
)
from tta_dev_primitives.ace.metrics.lives import Life, lives_of
from tta_dev_primitives.ace.standing import Evidence
from tta_dev_primitives.ace.statistics import bootstrap, difference, kaplan_meier, wilson
from tta_dev_primitives.ace.training.result import Phase

from .making import FAILED, Ran, added, after, metric, outcome, reading, stored


def test_new_strategies_per_run() -> None:
    runs = [Ran(task=f"t{number}", added="ab" if number < 4 else "") for number in range(12)]
    pace, change = metric("Learning Velocity", stored(*runs)).readings
    assert pace.value == pytest.approx(8 / 12)
    assert (pace.n, pace.note) == (12, "8 new in 12 runs")
    assert change.value == pytest.approx(0 - 8 / 6)


def test_runs_of_one_task_are_drawn_together() -> None:
    runs = [Ran(task=f"t{number % 5}", added="a" if number < 5 else "") for number in range(25)]
    found = reading("Learning Velocity", "new", stored(*runs))
    assert found.n == 5
    assert found.value == 0.2
    assert found.estimate is not None
    assert found.estimate.width == 0  # every task taught the same
    assert bootstrap([0.2] * 5, seed=1).width == pytest.approx(0)


def learned(*names: str) -> list[Recorded]:
    return [after(0, added(name)) for name in names]


MEASURED = Evidence(relevant=30, included=20, mean=0.4, sd=0.2, e_value=30, window=100, version=3)


def test_quality_is_what_evidence_decided() -> None:
    history = [
        *learned(*"abcdefgh"),
        *(after(1, Promote(bullet=b, status=Status.VALIDATED, e_value=30, evidence=MEASURED)) for b in "abc"),
        after(2, Suspend(bullet="d", reason="harms", evidence=MEASURED)),
        after(3, Retire(bullet="e", reason="harms", evidence=MEASURED)),
        after(4, Retire(bullet="f", reason="unwanted"), actor="user"),
        after(4, Promote(bullet="h", status=Status.VALIDATED), actor="user"),
        after(5, Alias(bullet="g", into="a")),
    ]
    found = reading("Strategy Quality", "validated", stored(Ran(task="t"), history=history))
    assert found.estimate == wilson(3, 5)
    assert reading("Strategy Accumulation", "validated", stored(history=history)).value == 3


def test_uplift_is_told_of_strategies_that_some_runs_had_and_others_had_not() -> None:
    names = "abcdef"
    runs = [
        Ran(
            task=f"t{n}",
            strategies=names[n % 6],
            held_out=n // 6 % 2 == 0,
            errors=FAILED if n // 6 % 2 == 0 else (),
        )
        for n in range(60)
    ]
    found = reading("Strategy Quality", "mean uplift", stored(*runs, history=learned(*names)))
    assert found.value is not None
    assert found.value > 0.2
    assert (found.n, found.note) == (6, "6 help, 0 harm")
    few = reading("Strategy Quality", "mean uplift", stored(*runs[:48], history=learned(*names)))
    assert few.note.endswith("needs 5 strategies with 5 runs that had them and 5 that had not; 0")


def tagged(bullet: str, tag: TagKind, number: int, actor: str = "playbox") -> Recorded:
    return after(number, Tag(bullet=bullet, tag=tag, episode_id=f"{actor}-{number}"), actor=actor)


def test_the_latest_rating_of_a_person_counts_and_a_model_s_opinion_is_another_matter() -> None:
    ratings = [tagged(name, TagKind.HELPFUL, 1, "user") for name in "abcde"]
    opinions = [tagged(name, TagKind.HARMFUL, 2) for name in "abcdef"]
    changed = tagged("a", TagKind.HARMFUL, 3, "user")
    history = [*learned(*"abcdef"), *ratings, *opinions, changed, tagged("f", TagKind.NEUTRAL, 4, "user")]
    of = stored(Ran(task="t"), history=history)
    assert reading("Strategy Quality", "rated", of).estimate == wilson(4, 5)
    assert reading("Strategy Quality", "called", of).estimate == wilson(0, 6)
    assert reading("Strategy Quality", "called", of).note == "a model's opinion, no evidence"


def test_without_ratings_it_says_so() -> None:
    found = reading("Strategy Quality", "rated", stored(Ran(task="t"), history=learned("a")))
    assert found.note == (
        "not enough data: needs human ratings of 5 strategies (`playbox playbook rate`); none stored"
    )


def test_new_tasks_are_those_never_run_before() -> None:
    first = [Ran(task=f"t{n}", strategies="b", errors=() if n < 4 else FAILED) for n in range(6)]
    again = [Ran(task=f"t{n}", strategies="b") for n in range(6)]
    of = stored(*first, *again)
    assert reading("Generalization", "new tasks, first try", of).estimate == wilson(4, 6)
    gap = reading("Generalization", "new tasks against repeated", of)
    assert gap.estimate == difference(wilson(6, 6), wilson(4, 6))


def test_new_tasks_with_strategies_are_compared_with_those_held_out() -> None:
    held_out = [Ran(task=f"h{n}", strategies="b", held_out=True, errors=FAILED) for n in range(5)]
    given = [Ran(task=f"g{n}", strategies="b") for n in range(5)]
    repeated = [Ran(task=f"h{n}", strategies="b", held_out=True) for n in range(5)]
    found = reading("Generalization", "new tasks, with", stored(*held_out, *given, *repeated))
    assert found.estimate == difference(wilson(0, 5), wilson(5, 5))


def test_held_out_tasks_of_a_run_folder() -> None:
    rows = [outcome(task=f"t{n}", first_try=n < 7, version=1) for n in range(8)]
    training = [outcome(phase=Phase.TRAIN, task=f"x{n}", first_try=False, version=1) for n in range(8)]
    found = metric("Generalization", stored(results=[*rows, *training]))
    assert found.estimate == wilson(7, 8)
    few = reading("Generalization", "held-out", stored(results=rows[:4]))
    assert few.note.endswith("(--run) with a learned playbook; 4")


def lives(*events: Recorded, runs: int) -> list[Life]:
    return lives_of(stored(*[Ran(task="t")] * runs, history=events))


def test_a_life_lasts_from_admission_to_its_end_in_runs() -> None:
    events = [
        after(0, added("ended")),
        after(2, added("going on")),
        after(3, added("imported", origin="import")),
        after(4, Suspend(bullet="ended", reason="harms")),
        after(6, Retire(bullet="ended", reason="harms")),
    ]
    assert lives(*events, runs=10) == [
        Life(bullet="ended", runs=4, ended=True),
        Life(bullet="going on", runs=7, ended=False),
    ]


def test_what_came_back_never_ended_and_what_was_corrected_did() -> None:
    events = [
        after(0, added("back")),
        after(0, added("wrong")),
        after(1, Suspend(bullet="back", reason="harms")),
        after(2, Reinstate(bullet="back", reason="does not")),
        after(3, added("right", supersedes="wrong")),
    ]
    assert lives(*events, runs=5) == [
        Life(bullet="back", runs=4, ended=False),
        Life(bullet="wrong", runs=3, ended=True),
        Life(bullet="right", runs=1, ended=False),
    ]


def test_merging_and_erasing_are_no_ends() -> None:
    events = [
        after(0, added("merged")),
        after(0, added("erased")),
        after(0, added("kept")),
        after(2, Alias(bullet="merged", into="kept")),
        after(3, Forget(bullet="erased", reason="private")),
        after(4, Retire(bullet="kept", reason="unwanted"), actor="user"),
    ]
    assert lives(*events, runs=6) == [
        Life(bullet="merged", runs=2, ended=False),
        Life(bullet="erased", runs=3, ended=False),
        Life(bullet="kept", runs=4, ended=True),
    ]


def test_a_rollback_ends_a_life_or_brings_it_back() -> None:
    def restored(bullet: str, status: Status, number: int) -> Recorded:
        event = Restore(
            bullet=bullet, revision=1, content=f"Lesson {bullet}.", status=status, reason="lost a test"
        )
        return after(number, event)

    events = [
        *learned("ended", "back", "split"),
        after(1, Suspend(bullet="back", reason="harms")),
        after(1, Alias(bullet="split", into="back")),
        restored("ended", Status.PROPOSED, 2),
        restored("back", Status.CANDIDATE, 3),
        restored("split", Status.CANDIDATE, 3),
    ]
    assert lives(*events, runs=5) == [
        Life(bullet="ended", runs=2, ended=True),
        Life(bullet="back", runs=4, ended=False),
        Life(bullet="split", runs=4, ended=False),
    ]


def test_persistence_is_the_share_in_use_after_20_runs() -> None:
    names = [f"s{number}" for number in range(6)]
    history = [
        *(after(0, added(name)) for name in names),
        after(10, Retire(bullet="s0", reason="harms")),
        after(22, Retire(bullet="s1", reason="harms")),
        after(24, added("young")),
    ]
    runs = [Ran(task="t")] * 30
    share, median = metric("Persistence", stored(*runs, history=history)).readings
    curve = kaplan_meier([10, 22, 29, 29, 29, 29, 5], [True, True, *[False] * 5])
    assert share.estimate == curve.at(20)
    assert share.note == "2 of 7 are out of use"
    assert median.value is None
    assert median.note == (
        "not enough data: needs that half of them are out of use; 67% are still in use after 29 runs"
    )


def test_half_of_them_are_out_of_use_at_some_run() -> None:
    names = [f"s{number}" for number in range(8)]
    history = [after(0, added(name)) for name in names]
    history += [after(n, Retire(bullet=f"s{n - 1}", reason="harms")) for n in range(1, 8)]
    found = reading("Persistence", "runs until", stored(*[Ran(task="t")] * 25, history=history))
    assert (found.value, found.n) == (4, 8)
    assert found.note == "95 % interval 1 to 7"


def test_young_strategies_say_nothing_about_persistence() -> None:
    history = [after(10, added(name)) for name in "abcdefgh"]
    found = metric("Persistence", stored(*[Ran(task="t")] * 29, history=history))
    assert found.note == (
        "not enough data: needs 5 strategies learned at least 20 runs ago, or out of use since; 0"
    )
