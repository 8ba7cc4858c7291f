from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import cast

import pytest

from tta_dev_primitives import LambdaPrimitive, SequentialPrimitive, WorkflowContext
from tta_dev_primitives.core.errors import CompositionError


def double(data: int) -> int:
    return data * 2


def negative(data: int) -> int:
    return -data


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


class DoublerLater:
    async def __call__(self, data: int) -> int:
        return data * 2


async def test_what_returns_an_awaitable_is_awaited() -> None:
    context = WorkflowContext()
    assert await LambdaPrimitive(DoublerLater()).execute(2, context) == 4
    hidden: Callable[[int], Awaitable[int]] = lambda data: double_later(data)  # noqa: E731, PLW0108
    assert await LambdaPrimitive(hidden).execute(2, context) == 4
    assert await LambdaPrimitive(functools.partial(note_later, context=context)).execute(3) == 3
    assert await (LambdaPrimitive(double) >> DoublerLater() >> note_later).execute(2, context) == 8


async def test_a_parameter_with_a_default_is_left_alone() -> None:
    def scale(data: int, factor: int = 10) -> int:
        return data * factor

    def add_all(*data: int) -> int:
        return sum(data)

    assert await LambdaPrimitive(scale).execute(2, WorkflowContext()) == 20
    assert await LambdaPrimitive(add_all).execute(2, WorkflowContext()) == 2


async def test_functions_are_operands_on_either_side() -> None:
    step = LambdaPrimitive(double)
    assert await (step >> str).execute(2) == "4"
    assert await (step >> double_later >> str).execute(2) == "8"
    assert await (negative >> step).execute(2) == -4
    assert await (double_later >> (step >> str)).execute(2) == "8"
    assert await (step | str).execute(2) == (4, "2")
    assert await (step | str | double_later).execute(2) == (4, "2", 4)
    assert await (negative | step).execute(2) == (-2, 4)
    assert await (negative | step | double_later).execute(2) == (-2, 4, 4)
    assert await (negative | (step | double_later)).execute(2) == (-2, (4, 4))


async def test_a_lambda_is_an_operand() -> None:
    increase: Callable[[int], int] = lambda number: number + 1  # noqa: E731  # pyright reads no operand's type
    assert await (LambdaPrimitive(double) >> increase).execute(2) == 5


async def test_an_operand_may_take_the_context() -> None:
    context = WorkflowContext()
    assert await (LambdaPrimitive(double) >> note).execute(2, context) == 4
    assert await (note_later >> LambdaPrimitive(double)).execute(3, context) == 6
    assert context.state == {"seen": 3}


def test_function_operands_flatten_and_are_shown_by_name() -> None:
    step = LambdaPrimitive(double)
    assert repr(negative >> step >> note) == "negative >> double >> note"
    assert repr(negative >> (step >> note)) == "negative >> double >> note"
    assert repr(negative | step | note) == "negative | double | note"
    made: SequentialPrimitive[int, int] = SequentialPrimitive(step, LambdaPrimitive(note))
    assert repr(made) == "double >> note"


def test_it_is_named_after_the_function() -> None:
    assert repr(LambdaPrimitive(double)) == LambdaPrimitive(double).name == "double"
    assert repr(LambdaPrimitive(double, name="twice")) == "twice"
    assert repr(LambdaPrimitive(Doubler())) == "Doubler"
    assert repr(LambdaPrimitive(double) >> LambdaPrimitive(note)) == "double >> note"


@pytest.mark.parametrize("value", [None, 3, "double"])
def test_only_functions_are_wrapped(value: object) -> None:
    with pytest.raises(CompositionError, match="takes a function, not"):
        LambdaPrimitive(value)  # type: ignore[call-overload]


def nothing() -> int:
    return 1


class Contextual:
    def __call__(self, data: int, context: WorkflowContext) -> int:
        return note(data, context)


def short(data: int, ctx: WorkflowContext) -> int:
    return note(data, ctx)


def unused(data: int, _context: WorkflowContext) -> int:
    return note(data, _context)


def annotated(data: int, within: WorkflowContext) -> int:
    return note(data, within)


def quoted(data: int, within: "WorkflowContext") -> int:  # noqa: UP037  # a string within a string here
    return note(data, within)


def optional(data: int, within: WorkflowContext | None = None) -> int:
    return note(data, within or WorkflowContext())


def unannotated(data, context):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201  # the name says it
    return note(data, context)  # pyright: ignore[reportUnknownArgumentType]


def with_class(data: int, within: object) -> int:
    assert isinstance(within, WorkflowContext)
    return note(data, within)


with_class.__annotations__["within"] = WorkflowContext  # as without `from __future__ import annotations`


@pytest.mark.parametrize(
    "function",
    [
        short,
        unused,
        annotated,
        quoted,
        optional,
        cast("Callable[..., int]", unannotated),
        with_class,
        Contextual(),
        functools.partial(note),
    ],
)
async def test_the_context_is_known_by_its_name_or_annotation(
    function: Callable[[int, WorkflowContext], int],
) -> None:
    context = WorkflowContext()
    assert await LambdaPrimitive(function).execute(3, context) == 3
    assert context.state == {"seen": 3}


async def test_an_optional_parameter_that_only_has_the_name_is_left_alone() -> None:
    def answer(question: str, context: str = "none") -> str:
        return f"{question} {context}"

    assert await LambdaPrimitive(answer).execute("why?", WorkflowContext()) == "why? none"


def scale(data: int, factor: int) -> int:
    return data * factor


def spread(data: int, others: int, *more: int) -> int:
    return data + others + sum(more)


@pytest.mark.parametrize(
    ("function", "name"), [(scale, "factor"), (cast("Callable[..., int]", pow), "exp"), (spread, "others")]
)
def test_another_required_parameter_is_refused_by_name(function: Callable[..., int], name: str) -> None:
    with pytest.raises(CompositionError, match=rf"requires {name!r} too.*name it 'context'"):
        LambdaPrimitive(function)
    with pytest.raises(CompositionError, match=rf"requires {name!r} too"):
        _ = LambdaPrimitive(double) >> function


def three(a: int, b: int, c: int) -> int:
    return a + b + c


def keyword(data: int, *, factor: int) -> int:
    return data * factor


@pytest.mark.parametrize("function", [nothing, three, keyword])
def test_a_function_that_cannot_be_called_is_refused_when_wrapped(function: Callable[..., int]) -> None:
    with pytest.raises(CompositionError, match=r"called as function\(data\) or function\(data, context\)"):
        LambdaPrimitive(function)
