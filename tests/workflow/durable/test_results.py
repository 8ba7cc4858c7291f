"""What a step returns comes back as it was, or is refused, if possible before the step runs."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Awaitable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Generic, Literal, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from tta_dev_primitives import LambdaPrimitive, WorkflowContext, WorkflowPrimitive
from tta_dev_primitives.core.errors import NotKeepable, StepChanged, StepOutcomeUnknown
from tta_dev_primitives.workflow import Journal
from tta_dev_primitives.workflow.durable.codec import Codec, adapter_for
from tta_dev_primitives.workflow.durable.fingerprint import fingerprint
from tta_dev_primitives.workflow.durable.output_type import UNDECLARED, output_type

UNHURRIED = settings(deadline=None, max_examples=50)

T = TypeVar("T")
Out = TypeVar("Out")


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True)
class Point:
    x: int
    when: datetime | None = None


class Receipt(BaseModel):
    total: Decimal
    points: tuple[Point, ...] = ()
    colour: Colour = Colour.RED


class Special(Receipt):
    more: int = 1


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
receipts = st.builds(
    Receipt,
    total=st.decimals(allow_nan=False, allow_infinity=False),
    points=st.lists(
        st.builds(Point, x=st.integers(), when=st.none() | st.datetimes(timezones=st.just(UTC)))
    ).map(tuple),
)
DECLARED: dict[object, st.SearchStrategy[object]] = {
    UNDECLARED: plain,
    bytes: st.binary(),
    float: st.floats(),
    tuple[int, str]: st.tuples(st.integers(), st.text()),
    dict[int, frozenset[str]]: st.dictionaries(st.integers(), st.frozensets(st.text(max_size=3))),
    int | str | None: st.integers() | st.text() | st.none(),
    Literal["a", "b"]: st.sampled_from(["a", "b"]),
    Receipt: receipts,
    list[Receipt]: st.lists(receipts, max_size=2),
}


def nothing(data: object) -> object:
    return data


def codec_for(declared: object) -> Codec:
    step = LambdaPrimitive(nothing, name="step")
    return Codec(step=step, adapter=None if declared is UNDECLARED else adapter_for(step, declared))


@pytest.mark.parametrize("declared", DECLARED)
@UNHURRIED
@given(st.data())
def test_it_comes_back_as_it_was(declared: object, data: st.DataObject) -> None:
    codec = codec_for(declared)
    value = data.draw(DECLARED[declared])
    back = codec.decode(codec.encode(value))
    assert fingerprint(back) == fingerprint(value)
    assert type(back) is type(value)


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        (UNDECLARED, (1, 2)),
        (UNDECLARED, {1: 2}),
        (UNDECLARED, Point(1)),
        (UNDECLARED, datetime.now(UTC)),
        (UNDECLARED, Colour.RED),
        (object, (1, 2)),
        (int, "1"),
        (int, True),
        (float, 1),
        (Receipt, Special(total=Decimal(1))),
        (str, "\ud800"),
        (list[int], [1, "2"]),
        (int, object()),
    ],
)
def test_what_would_come_back_different_is_refused(declared: object, value: object) -> None:
    codec = codec_for(declared)
    with pytest.raises(NotKeepable, match="of step 'step' cannot be kept"):
        codec.encode(value)


class Generically(WorkflowPrimitive[T, Out], Generic[T, Out]):
    async def _execute(self, data: T, context: WorkflowContext) -> Out:
        raise NotImplementedError(data, context)


class Half(Generically[int, T]):
    pass


class Whole(Half[str]):
    pass


class Swapped(WorkflowPrimitive[Out, T], Generic[T, Out]):
    """Its variables are called the other way round than those of its base."""

    async def _execute(self, data: Out, context: WorkflowContext) -> T:
        raise NotImplementedError(data, context)


class Again(Swapped[bytes, T]):
    pass


class Direct(WorkflowPrimitive[int, bytes]):
    async def _execute(self, data: int, context: WorkflowContext) -> bytes:
        raise NotImplementedError(data, context)


class Called:
    async def __call__(self, data: int) -> list[int]:
        return [data]


async def coroutine(data: int) -> dict[str, int]:
    return {"data": data}


def awaitable(data: int) -> Awaitable[int]:
    raise NotImplementedError(data)


def of_two(more: int, data: int) -> set[int]:
    return {more, data}


@contextlib.contextmanager
def decorated(data: int) -> Generator[Point]:
    """Its wrapper stands in another module, where nobody knows the names of its annotation."""
    yield Point(data)


class Method:
    def method(self, data: int) -> Point:
        return Point(data)


def unresolved(data: int) -> int:
    return data


unresolved.__annotations__["data"] = "OfTypeCheckingOnly"


generic: WorkflowPrimitive[int, int] = Generically()


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (LambdaPrimitive(coroutine), dict[str, int]),
        (LambdaPrimitive(awaitable), int),
        (LambdaPrimitive(Called()), list[int]),
        (LambdaPrimitive(functools.partial(of_two, 1)), set[int]),
        (LambdaPrimitive(unresolved), int),
        (LambdaPrimitive(Method().method), Point),
        (LambdaPrimitive(decorated), Generator[Point]),
        (LambdaPrimitive(int), int),
        (LambdaPrimitive[int, int](lambda data: data), UNDECLARED),
        (LambdaPrimitive(len), UNDECLARED),
        (Direct(), bytes),
        (Whole(), str),
        (Half[float](), float),
        (Again[int](), bytes),
        (Generically[int, Point](), Point),
        (generic, UNDECLARED),
    ],
)
def test_the_declared_type(step: WorkflowPrimitive[Any, Any], expected: object) -> None:
    assert output_type(step) == expected


class Opaque:
    pass


async def test_a_type_that_cannot_be_kept_is_refused_before_anything_runs(journal: Journal) -> None:
    calls: list[int] = []

    def first(data: int) -> int:
        calls.append(data)
        return data

    def second(data: int) -> Opaque:
        raise NotImplementedError(data)

    with pytest.raises(NotKeepable, match="'second' returns"):
        await journal.run(LambdaPrimitive(first) >> LambdaPrimitive(second), 1, resume="run")
    with pytest.raises(NotKeepable, match="does not say what it returns"):
        await journal.run(
            LambdaPrimitive(first)
            >> LambdaPrimitive[int, int](lambda data: data, name="x", idempotent=False),
            1,
            resume="run",
        )
    assert calls == []


async def test_an_input_that_cannot_be_compared_is_refused(journal: Journal) -> None:
    with pytest.raises(NotKeepable, match="the input of the run"):
        await journal.run(LambdaPrimitive(nothing), Opaque(), resume="run")


async def test_a_result_that_turns_out_not_to_be_keepable_is_unknown_and_can_be_settled(
    journal: Journal,
) -> None:
    def pay(data: int) -> object:
        return (data, data)

    paying = LambdaPrimitive(pay, idempotent=False)
    with pytest.raises(NotKeepable, match=r"it would come back as \[1, 1\]") as raised:
        await journal.run(paying, 1, resume="run")
    assert raised.value.__notes__ == ["the step stands at / of run 'run'"]
    with pytest.raises(StepOutcomeUnknown, match="it raised NotKeepable"):
        await journal.run(paying, 1, resume="run")
    journal.settle("run", "pay", result=[1, 1])
    assert await journal.run(paying, 1, resume="run") == [1, 1]


async def test_a_number_that_cannot_be_written_is_refused(journal: Journal) -> None:
    with pytest.raises(NotKeepable, match="the result of type int of step 'huge' cannot be kept"):
        await journal.run(LambdaPrimitive(lambda _: 10**5000, name="huge"), 1, resume="run")


async def test_results_come_back_as_their_types(journal: Journal) -> None:
    def receipt(data: int) -> Receipt:
        return Receipt(total=Decimal(data), points=(Point(1), Point(2)))

    steps = LambdaPrimitive(receipt, idempotent=False) | Bytes()
    first = await journal.run(steps, 5, resume="run")
    assert await journal.run(steps, 5, resume="run") == first == (receipt(5), b"\xff")


class Bytes(WorkflowPrimitive[int, bytes]):
    async def _execute(self, data: int, context: WorkflowContext) -> bytes:
        del data, context
        return b"\xff"


async def test_a_type_that_changed_since_is_an_error(journal: Journal) -> None:
    def fail(data: object) -> int:
        raise ConnectionError(data)

    def before(data: int) -> str:
        return f"<{data}>"

    def after(data: int) -> int:
        raise NotImplementedError(data)

    for step, error in ((before, ConnectionError), (after, StepChanged)):
        with pytest.raises(error):
            await journal.run(
                LambdaPrimitive(step, name="pay", idempotent=False) >> LambdaPrimitive(fail), 1, resume="run"
            )
