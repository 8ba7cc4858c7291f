from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tta_dev_primitives import SequentialPrimitive, WorkflowContext, WorkflowPrimitive, run
from tta_dev_primitives.core.errors import CompositionError, DeadlineExceeded

from .steps import Add, Fail, Put, Show

shapes = st.recursive(
    st.integers(-9, 9).map(Add),
    lambda inner: st.lists(inner, min_size=2, max_size=4).map(lambda parts: chain(*parts)),
)


def chain(
    first: WorkflowPrimitive[int, int], *rest: WorkflowPrimitive[int, int]
) -> WorkflowPrimitive[int, int]:
    for step in rest:
        first = first >> step
    return first


def amounts(primitive: WorkflowPrimitive[int, int]) -> list[int]:
    parts = primitive.steps if isinstance(primitive, SequentialPrimitive) else (primitive,)
    assert all(isinstance(part, Add) for part in parts)
    return [part.amount for part in parts if isinstance(part, Add)]


async def test_each_step_gets_the_output_of_the_one_before() -> None:
    assert await (Add(2) >> Add(3) >> Show()).execute(1, WorkflowContext()) == "<6>"


@given(shapes, shapes, shapes)
def test_grouping_makes_no_difference(
    a: WorkflowPrimitive[int, int], b: WorkflowPrimitive[int, int], c: WorkflowPrimitive[int, int]
) -> None:
    left, right = (a >> b) >> c, a >> (b >> c)
    assert amounts(left) == amounts(right) == amounts(a) + amounts(b) + amounts(c)
    assert run(left, 0) == run(right, 0) == sum(amounts(left))
    assert repr(left) == repr(right)


async def test_state_flows_through_the_steps_to_the_caller() -> None:
    context = WorkflowContext(state={"kept": 0})
    assert await (Put("a") >> (Put("b") >> Put("c"))).execute(1, context) == 4
    assert context.state == {"kept": 0, "a": 1, "b": 2, "c": 3}


async def test_an_error_skips_the_rest() -> None:
    context = WorkflowContext()
    with pytest.raises(ZeroDivisionError):
        await (Put("before") >> Fail(ZeroDivisionError) >> Put("after")).execute(1, context)
    assert context.state == {"before": 1}


async def test_no_step_starts_after_the_deadline() -> None:
    class Sleep(WorkflowPrimitive[int, int]):
        async def _execute(self, data: int, context: WorkflowContext) -> int:
            while context.deadline is not None and time.monotonic() < context.deadline:
                pass
            return data

    context = WorkflowContext().with_timeout(0.001)
    with pytest.raises(DeadlineExceeded, match="before Put could start"):
        await (Sleep() >> Put("never")).execute(1, context)
    assert context.state == {}


@pytest.mark.parametrize("operand", [None, 3, "Add", [Add()], object()])
def test_only_primitives_functions_and_dicts_compose(operand: object) -> None:
    with pytest.raises(CompositionError, match=r">> takes primitives, functions and dicts of them, not "):
        Add() >> operand  # type: ignore[operator]
    with pytest.raises(CompositionError, match=r">> takes primitives, functions and dicts of them, not "):
        operand >> Add()  # type: ignore[operator]
    with pytest.raises(TypeError):
        SequentialPrimitive(operand)  # type: ignore[arg-type]


def test_a_primitive_class_is_no_operand() -> None:
    with pytest.raises(CompositionError, match=r"not the class Add; write Add\(\.\.\.\)"):
        _ = Add() >> Add
    with pytest.raises(CompositionError, match=r"not the class Add; write Add\(\.\.\.\)"):
        _ = Add | Add()


def test_repr_shows_the_grouping() -> None:
    assert repr(Add(1) >> Add(2) >> Add(3)) == "Add(1) >> Add(2) >> Add(3)"
    assert repr(Add(1) >> Add(2) | Add(3)) == "(Add(1) >> Add(2)) | Add(3)"
    assert repr(Add(1) >> (Add(2) | Add(3))) == "Add(1) >> (Add(2) | Add(3))"


async def test_without_a_context_a_step_runs_in_a_fresh_one() -> None:
    assert await (Add(1) >> Add(2)).execute(1) == 4
    assert await (Add(1) | Add(2)).execute(1) == (2, 3)
