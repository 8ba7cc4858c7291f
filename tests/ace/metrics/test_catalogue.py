from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tta_dev_primitives.ace.metrics import CATALOGUE, Group, definition, measure
from tta_dev_primitives.core.errors import ConfigurationError

from .making import START, Ran, added, after, stored

ASKED_FOR = {
    Group.LEARNING: (
        "Success Rate Improvement",
        "Strategy Accumulation",
        "Error Reduction",
        "Performance Gains",
    ),
    Group.HEALTH: ("Learning Velocity", "Strategy Quality", "Generalization", "Persistence"),
    Group.BUSINESS: ("Development Velocity", "Code Quality", "Maintenance Reduction", "Knowledge Capture"),
}
COUNTS = {"strategies in use", "validated by evidence", "knowledge kept, in tokens"}

_RUNS = st.lists(
    st.builds(
        Ran,
        task=st.sampled_from([f"t{number}" for number in range(14)]),
        family=st.sampled_from(["a", "b"]),
        errors=st.lists(st.sampled_from(["KeyError", "TypeError"]), max_size=2),
        gave_up=st.booleans(),
        strategies=st.sampled_from([(), ("x",), ("x", "y")]),
        held_out=st.booleans(),
        speedup=st.none() | st.floats(0.1, 10),
        calls=st.integers(0, 9),
        added=st.sampled_from([(), ("z",)]),
    ),
    min_size=20,
    max_size=40,
)


def test_the_metrics_are_those_that_were_asked_for() -> None:
    names = {group: tuple(one.name for one in CATALOGUE if one.group is group) for group in Group}
    assert names == ASKED_FOR


def test_each_formula_names_every_reading() -> None:
    for one in CATALOGUE:
        formula = " ".join(one.formula.split())
        missing = [
            r.what for r in one.of(stored()).readings if r.what.split(", late / early")[0] not in formula
        ]
        assert not missing, one.name


def test_without_runs_nothing_is_claimed() -> None:
    for found in measure(stored()):
        for reading in found.readings:
            if reading.what in COUNTS:
                assert reading.value == 0
            else:
                assert (reading.value, reading.estimate) == (None, None)
                assert reading.note.startswith("not enough data: needs ")


@settings(max_examples=15, deadline=None)
@given(_RUNS)
def test_every_reading_has_an_interval_or_says_what_it_lacks(runs: list[Ran]) -> None:
    history = [after(0, added(name)) for name in ("x", "y")]
    for found in measure(stored(*runs, history=history)):
        for reading in found.readings:
            lacks = reading.note.startswith("not enough data: needs ")
            assert lacks == (reading.value is None)
            if reading.estimate is not None:
                assert reading.value == reading.estimate.value
                assert reading.estimate.level == 0.95
            assert reading.n >= (0 if lacks or reading.what in COUNTS else 5)


def test_a_metric_is_found_by_its_name_in_any_form() -> None:
    for name in ("Success Rate Improvement", "success-rate-improvement", "successrateimprovement"):
        assert definition(name).name == "Success Rate Improvement"
    with pytest.raises(ConfigurationError, match="no metric 'Speed'; there are Success Rate Improvement, "):
        definition("Speed")


def test_a_metric_s_own_figure_is_that_of_its_first_reading_with_one() -> None:
    runs = [Ran(task=f"t{number}") for number in range(10)]
    found = definition("Success Rate Improvement").of(stored(*runs))
    assert found.best.what == "late runs against early ones"
    assert (found.value, found.n, found.unit) == (0.0, 10, "change of share")
    assert found.note == "100% of 5 late, 100% of 5 early"
    assert found.estimate is not None


def test_the_same_evidence_gives_the_same_figures() -> None:
    of = stored(*[Ran(task=f"t{number}", calls=1 + number % 3) for number in range(12)])
    assert measure(of) == measure(of)


def test_earlier_runs_only_tell_which_tasks_are_known() -> None:
    runs = [Ran(task=f"t{number % 10}", strategies="b") for number in range(16)]
    of = stored(*runs, since=START.replace(minute=8))
    assert Counter(trial.new for trial in of.trials) == {True: 2, False: 6}
    assert len(of.finishes) == 16
