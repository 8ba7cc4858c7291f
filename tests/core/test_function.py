from __future__ import annotations

import functools
from collections.abc import Callable

import pytest

from tta_dev_primitives import LambdaPrimitive, WorkflowContext
from tta_dev_primitives.core.errors import CompositionError


def double(data: int) -> int:
    return data * 2


async def double_later(data: int) -> int:
    return data * 2


def note(data: int, context: WorkflowContext) -> int:
    context.state["seen"] = data
    return data


async def note_later(data: int, context: WorkflowContext) -> int:
    context.state["seen"] = data
    return data


class Doubler:
    def __call__(self, data: int) -> int:
        return data * 2

    def method(self, data: int) -> int:
        return data * 2


async def test_plain_and_async_functions_are_steps() -> None:
    context = WorkflowContext()
    assert await LambdaPrimitive(double).execute(2, context) == 4
    assert await LambdaPrimitive(double_later).execute(2, context) == 4
    assert await (LambdaPrimitive(double) >> LambdaPrimitive(double_later)).execute(2, context) == 8


@pytest.mark.parametrize("function", [note, note_later])
async def test_a_second_parameter_is_the_context(
    function: Callable[[int, WorkflowContext], int],
) -> None:
    context = WorkflowContext()
    assert await LambdaPrimitive(function).execute(3, context) == 3
    assert context.state == {"seen": 3}


async def test_anything_callable_is_a_step() -> None:
    context = WorkflowContext()
    assert await LambdaPrimitive(Doubler()).execute(2, context) == 4
    assert await LambdaPrimitive(Doubler().method).execute(2, context) == 4
    assert await LambdaPrimitive(functools.partial(pow, 2)).execute(3, context) == 8
    assert await LambdaPrimitive(len).execute("abc", context) == 3
    without_signature: LambdaPrimitive[list[int], int] = LambdaPrimitive(max)
    assert await without_signature.execute([1, 3, 2], context) == 3


async def test_a_parameter_with_a_default_is_left_alone() -> None:
    def scale(data: int, factor: int = 10) -> int:
        return data * factor

    def add_all(*data: int) -> int:
        return sum(data)

    assert await LambdaPrimitive(scale).execute(2, WorkflowContext()) == 20
    assert await LambdaPrimitive(add_all).execute(2, WorkflowContext()) == 2


def test_it_is_named_after_the_function() -> None:
    assert repr(LambdaPrimitive(double)) == LambdaPrimitive(double).name == "double"
    assert repr(LambdaPrimitive(double, name="twice")) == "twice"
    assert repr(LambdaPrimitive(Doubler())) == "Doubler"
    assert repr(LambdaPrimitive(double) >> LambdaPrimitive(note)) == "(double >> note)"


@pytest.mark.parametrize("value", [None, 3, "double"])
def test_only_functions_are_wrapped(value: object) -> None:
    with pytest.raises(CompositionError, match="takes a function, not"):
        LambdaPrimitive(value)  # type: ignore[call-overload]


def nothing() -> int:
    return 1


def three(a: int, b: int, c: int) -> int:
    return a + b + c


def keyword(data: int, *, factor: int) -> int:
    return data * factor


@pytest.mark.parametrize("function", [nothing, three, keyword])
def test_a_function_that_cannot_be_called_is_refused_when_wrapped(function: Callable[..., int]) -> None:
    with pytest.raises(CompositionError, match=r"calls function\(data\) or function\(data, context\)"):
        LambdaPrimitive(function)
