from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tta_dev_primitives import (
    LambdaPrimitive,
    ParallelDictPrimitive,
    ParallelPrimitive,
    SequentialPrimitive,
    WorkflowContext,
    WorkflowPrimitive,
    run,
)
from tta_dev_primitives.core.errors import CompositionError

from .steps import Add, Hang, Show


def double(data: int) -> int:
    return data * 2


async def half_later(data: int) -> float:
    return data / 2


def total(data: dict[str, int]) -> int:
    return sum(data.values())


async def test_a_dict_runs_each_value_on_the_same_input_and_gives_a_dict() -> None:
    step = Add(1) >> {"plus": Add(2), "times": Add(3)}
    assert await step.execute(0) == {"plus": 3, "times": 4}
    assert list(await step.execute(0)) == ["plus", "times"]
    assert await (Add() >> {"f": double}).execute(1) == {"f": 4}
    assert await (Add() >> {"f": half_later}).execute(1) == {"f": 1.0}


async def test_a_dict_is_an_operand_on_either_side() -> None:
    assert await ({"a": Add(1), "b": Add(2)} >> LambdaPrimitive(total)).execute(0) == 3
    assert await (Add(1) >> {"a": double} >> total >> Show()).execute(0) == "<2>"
    assert await (Add(1) | {"a": double}).execute(5) == (6, {"a": 10})
    assert await ({"a": double} | Add(1)).execute(5) == ({"a": 10}, 6)
    assert await (Add(1) | Add(2) | {"a": double}).execute(5) == (6, 7, {"a": 10})


async def test_dicts_nest() -> None:
    inner: ParallelDictPrimitive[int, int] = ParallelDictPrimitive({"b": Add(1)})
    nested = ParallelDictPrimitive({"a": inner})
    assert await nested.execute(1) == {"a": {"b": 2}}


def test_sequences_flatten_on_both_sides_and_tuples_on_the_left() -> None:
    a, b, c, d = (Add(number) for number in range(4))
    both = (a >> b) >> (c >> d)
    assert isinstance(both, SequentialPrimitive)
    assert both.steps == (a, b, c, d)
    mixed = (a >> {"x": b}) >> (LambdaPrimitive(total) >> d)
    assert isinstance(mixed, SequentialPrimitive)
    assert len(mixed.steps) == 4
    assert len(((a | b) | c).branches) == 3
    assert len((a | (b | c)).branches) == 2


@pytest.mark.parametrize(
    ("branches", "complaint"),
    [
        ({}, r"a dict of steps needs at least one step by name, not \{\}"),
        ({1: Add()}, r"a dict of steps names its steps by strings, not 1; write '1'"),
        ({None: Add()}, r"by strings, not None"),
        ({"a": None}, r"a dict of steps, at 'a', takes primitives, functions and dicts of them, not None"),
        ({"a": Add}, r"at 'a', takes .* not the class Add; write Add\(\.\.\.\)"),
        ({"a": {"b": "text"}}, r"at 'b', takes .* not 'text'"),
    ],
)
def test_a_wrong_dict_fails_when_it_is_composed(branches: object, complaint: str) -> None:
    ways: list[Callable[[Any], object]] = [
        lambda wrong: Add() >> wrong,
        lambda wrong: wrong >> Add(),
        lambda wrong: Add() | wrong,
        lambda wrong: wrong | Add(),
        ParallelDictPrimitive,
    ]
    for compose in ways:
        with pytest.raises(CompositionError, match=complaint):
            compose(branches)


def test_no_branch_is_a_mistake() -> None:
    with pytest.raises(CompositionError, match="at least one branch"):
        ParallelPrimitive()


def test_two_dicts_are_joined_by_python_and_are_no_step() -> None:
    assert isinstance({"a": double} | {"b": double}, dict)


async def test_a_failure_in_a_dict_cancels_the_others_and_comes_out_plain() -> None:
    hang = Hang()

    async def fail(data: int) -> int:
        await hang.started.wait()
        raise KeyError(data)

    branches: dict[str, WorkflowPrimitive[int, int]] = {"hang": hang, "fail": Add() >> fail}
    with pytest.raises(KeyError):
        await (Add() >> branches).execute(1)
    assert hang.cancelled


def test_state_flows_through_steps_to_a_dict_which_has_copies() -> None:
    seen = dict[str, object]()

    def put(data: int, context: WorkflowContext) -> int:
        context.state["before"] = data
        return data

    def look(data: int, context: WorkflowContext) -> int:
        seen.update(context.state)
        context.state["lost"] = data
        return data

    context = WorkflowContext()
    step = LambdaPrimitive(put) >> {"look": look}
    assert run(step, 3, context) == {"look": 3}
    assert seen == {"before": 3}
    assert context.state == {"before": 3}
