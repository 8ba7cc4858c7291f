"""What becomes of the state that branches write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tta_dev_primitives import (
    LambdaPrimitive,
    ParallelDictPrimitive,
    ParallelPrimitive,
    WorkflowContext,
    WorkflowPrimitive,
    run,
)
from tta_dev_primitives.core import Merge
from tta_dev_primitives.core.errors import ConfigurationError, StateConflict

from .steps import Add, Fail, Put

State = Mapping[str, object]


def write(**values: object) -> WorkflowPrimitive[int, int]:
    """Return a step that puts the values into the state."""

    def writing(data: int, context: WorkflowContext) -> int:
        context.state.update(values)
        return data

    return LambdaPrimitive(writing)


def after(merge: Merge, *steps: WorkflowPrimitive[int, int], state: dict[str, object]) -> dict[str, object]:
    context = WorkflowContext(state=state)
    step: ParallelPrimitive[int, *tuple[int, ...]] = ParallelPrimitive(*steps, merge=merge)
    run(step, 1, context)
    assert context.state is state
    return state


def test_what_branches_write_is_discarded_unless_asked_for() -> None:
    context = WorkflowContext(state={"kept": 1})
    run(Put("a") | Put("kept"), 5, context)
    assert context.state == {"kept": 1}


def test_each_branch_keeps_its_changes_below_its_label() -> None:
    state = after("namespaced", write(a=1, kept=2), Add(), write(a=3), state={"kept": 0, "same": 4})
    assert state == {"kept": 0, "same": 4, "0": {"a": 1, "kept": 2}, "2": {"a": 3}}
    context = WorkflowContext()
    run(ParallelDictPrimitive({"left": write(a=1), "right": write(a=2)}, merge="namespaced"), 1, context)
    assert context.state == {"left": {"a": 1}, "right": {"a": 2}}


def test_a_second_run_adds_to_the_first() -> None:
    context = WorkflowContext()
    step = ParallelDictPrimitive({"left": write(a=1)}, merge="namespaced")
    run(step >> ParallelDictPrimitive({"left": Writes()}, merge="namespaced"), 1, context)
    assert context.state == {"left": {"a": 1, "b": 2}}


class Writes(WorkflowPrimitive[object, int]):
    async def _execute(self, data: object, context: WorkflowContext) -> int:
        del data
        context.state["b"] = 2
        return 1


def test_a_label_that_names_something_else_in_the_state_is_a_conflict() -> None:
    state: dict[str, object] = {"left": "mine"}
    step = ParallelDictPrimitive({"left": write(a=1), "right": write(a=1)}, merge="namespaced")
    with pytest.raises(
        StateConflict, match=r"'left' cannot keep its changes in state\['left'\], where 'mine'"
    ):
        run(step, 1, WorkflowContext(state=state))
    assert state == {"left": "mine"}  # nothing of it is written
    run(ParallelDictPrimitive({"left": Add()}, merge="namespaced"), 1, WorkflowContext(state=state))


def test_a_function_sees_the_state_before_and_the_changes_and_returns_what_to_write() -> None:
    seen: list[tuple[State, Mapping[str, State]]] = []

    def add_up(state: State, changes: Mapping[str, State]) -> State:
        seen.append((state, changes))
        count: Any = state["count"]
        return {"count": count + sum(_number(change["count"]) - count for change in changes.values())}

    step: ParallelPrimitive[int, int, int] = ParallelPrimitive(write(count=11), write(count=15), merge=add_up)
    context = WorkflowContext(state={"count": 10})
    run(step, 1, context)
    assert context.state == {"count": 16}
    assert seen == [({"count": 10}, {"0": {"count": 11}, "1": {"count": 15}})]


def _number(value: object) -> int:
    assert isinstance(value, int)
    return value


def test_what_the_function_raises_comes_out_and_nothing_is_written() -> None:
    def refuse(state: State, changes: Mapping[str, State]) -> State:
        raise LookupError(sorted(changes), dict(state))

    state: dict[str, object] = {"a": 0}
    with pytest.raises(LookupError):
        after(refuse, write(a=1), write(a=2), state=state)
    assert state == {"a": 0}


def test_a_function_must_return_a_mapping() -> None:
    with pytest.raises(ConfigurationError, match="returned None; return a dict"):
        after(lambda _state, _changes: None, write(a=1), state={})  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize("merge", ["last", None, 3])
def test_another_policy_is_refused_when_composed(merge: Any) -> None:  # noqa: ANN401  # wrong on purpose
    with pytest.raises(ConfigurationError, match=r"merge=.* is no policy .* take 'discard', 'namespaced'"):
        ParallelPrimitive(Add(), merge=merge)
    with pytest.raises(ConfigurationError, match="is no policy"):
        ParallelDictPrimitive({"a": Add()}, merge=merge)


def test_when_a_branch_fails_nothing_is_merged() -> None:
    state: dict[str, object] = {}
    with pytest.raises(OSError, match="no"):
        after("namespaced", write(a=1), Fail(lambda: OSError("no"), turns=3), state=state)
    assert state == {}


def test_a_policy_stays_when_a_branch_is_added() -> None:
    context = WorkflowContext()
    step: ParallelPrimitive[int, int, int] = ParallelPrimitive(write(a=1), write(a=2), merge="namespaced")
    run(step | write(a=3), 1, context)
    assert context.state == {"0": {"a": 1}, "1": {"a": 2}, "2": {"a": 3}}


keys = st.sampled_from("abcd")
states = st.dictionaries(keys, st.integers(0, 3))


@settings(deadline=None)
@given(states, st.lists(states, min_size=1, max_size=4))
def test_namespaces_hold_exactly_what_each_branch_changed(
    before: dict[str, object], written: list[dict[str, object]]
) -> None:
    state = after("namespaced", *(write(**values) for values in written), state=dict(before))
    for number, values in enumerate(written):
        changed = {key: value for key, value in values.items() if before.get(key) is not value}
        assert state.get(str(number), {}) == changed
    assert {key: state[key] for key in before} == before
