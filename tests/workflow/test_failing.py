"""What happens to a workflow when a step of it fails, is cancelled, or runs out of time."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Callable
from typing import TypeAlias

import pytest

from tests.core.steps import Add, Hang
from tta_dev_primitives import (
    LambdaPrimitive,
    ParallelDictPrimitive,
    WorkflowContext,
    WorkflowPrimitive,
)
from tta_dev_primitives.core import Event, Sink
from tta_dev_primitives.core.errors import DeadlineExceeded
from tta_dev_primitives.workflow import ConditionalPrimitive, RouterPrimitive, SwitchPrimitive

from .deciding import is_big, kind, up

Step: TypeAlias = WorkflowPrimitive[int, object]
Around: TypeAlias = Callable[[Step], Step]

SECONDS_TO_A_LEAF = 0.05


def same(data: object) -> object:
    return data


def ignore(event: Event) -> None:
    del event


PLACES: dict[str, Around] = {
    "alone": lambda step: step,
    ">>": lambda step: Add() >> Add() >> step >> same,
    "|": lambda step: Add() | step | Add(),
    "dict": lambda step: ParallelDictPrimitive({"one": Add(), "it": step}),
    "merging": lambda step: ParallelDictPrimitive({"one": Add(), "it": step}, merge="namespaced"),
    "conditional": lambda step: ConditionalPrimitive(lambda _: True, step),
    "else": lambda step: ConditionalPrimitive(lambda _: False, step, step),
    "switch": lambda step: SwitchPrimitive(lambda _: "it", {"it": step, "one": Add()}),
    "router": lambda step: RouterPrimitive({"it": step, "one": Add()}, lambda _: "it"),
    "nested": lambda step: (
        Add() >> (Add() | {"it": Add() >> RouterPrimitive({"it": Add() | (Add() >> step)}, lambda _: "it")})
    ),
}
everywhere = pytest.mark.parametrize("around", PLACES.values(), ids=PLACES)
watched = pytest.mark.parametrize("sinks", [(), (ignore,)], ids=["unobserved", "observed"])


@everywhere
@watched
async def test_the_plain_exception_comes_out(around: Around, sinks: tuple[Sink, ...]) -> None:
    cause = KeyError("below")
    raised: list[ValueError] = []

    async def failing(data: int) -> int:
        await asyncio.sleep(0)
        raised.append(ValueError(data))
        raise raised[0] from cause

    with pytest.raises(ValueError, match=r"\d") as got:
        await around(LambdaPrimitive(failing)).execute(1, WorkflowContext(sinks=sinks))
    assert got.value is raised[0]
    assert got.value.__cause__ is cause
    assert not isinstance(got.value.__context__, BaseExceptionGroup)
    last = traceback.extract_tb(got.value.__traceback__)[-1]
    assert (last.name, last.line) == ("failing", "raise raised[0] from cause")


@everywhere
async def test_cancelling_reaches_the_leaf_at_once(around: Around) -> None:
    hang = Hang()
    running = asyncio.create_task(around(hang).execute(1, WorkflowContext()))
    await hang.started.wait()
    start = time.monotonic()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert time.monotonic() - start < SECONDS_TO_A_LEAF
    assert hang.cancelled


@everywhere
async def test_a_failing_sibling_cancels_the_leaf_at_once(around: Around) -> None:
    hang, failed_at = Hang(), list[float]()

    async def fail_when_it_runs(data: int) -> int:
        await hang.started.wait()
        failed_at.append(time.monotonic())
        raise OSError(data)

    with pytest.raises(OSError, match="1"):
        await (around(hang) | fail_when_it_runs).execute(1, WorkflowContext())
    assert time.monotonic() - failed_at[0] < SECONDS_TO_A_LEAF
    assert hang.cancelled


@everywhere
async def test_side_effects_of_siblings_do_not_happen_after_a_failure(around: Around) -> None:
    done: list[str] = []
    begun, failed = asyncio.Event(), asyncio.Event()

    async def effect(data: int) -> int:
        begun.set()
        await failed.wait()
        done.append("effect")
        return data

    def effect_after(data: int) -> int:
        done.append("next")
        return data

    async def fail(data: int) -> int:
        await begun.wait()
        raise OSError(data)

    with pytest.raises(OSError, match="1"):
        await (around(LambdaPrimitive(effect) >> effect_after) | fail).execute(1, WorkflowContext())
    failed.set()  # what still ran would go on now
    for _ in range(10):
        await asyncio.sleep(0)
    assert done == []


async def test_a_sibling_may_clean_up_before_the_failure_comes_out() -> None:
    cleaned: list[bool] = []
    started = asyncio.Event()

    async def careful(data: int) -> int:
        try:
            started.set()
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.append(True)
        return data

    async def fail(data: int) -> int:
        await started.wait()
        raise OSError(data)

    with pytest.raises(OSError, match="1"):
        await (LambdaPrimitive(careful) | fail).execute(1, WorkflowContext())
    assert cleaned == [True]


class Patient(WorkflowPrimitive[int, object]):
    """Give the step inside ten minutes, and remember what was left of them."""

    def __init__(self) -> None:
        self.left: list[float] = []

    async def _execute(self, data: int, context: WorkflowContext) -> object:
        async def look(data: int, context: WorkflowContext) -> int:
            self.left.append(context.seconds_left() or 0)
            return data

        return await LambdaPrimitive(look).execute(data, context.with_timeout(600))


@everywhere
async def test_a_deadline_shortens_the_timeouts_inside(around: Around) -> None:
    patient = Patient()
    await around(patient).execute(1, WorkflowContext().with_timeout(60))
    assert 0 < patient.left[0] <= 60


@everywhere
@watched
async def test_nothing_starts_after_the_deadline(around: Around, sinks: tuple[Sink, ...]) -> None:
    done: list[int] = []
    passed = WorkflowContext(sinks=sinks, deadline=time.monotonic())
    with pytest.raises(DeadlineExceeded, match="the deadline passed before"):
        await around(LambdaPrimitive(done.append)).execute(1, passed)
    assert done == []


@watched
async def test_a_deadline_that_passes_on_the_way_stops_the_chain(
    sinks: tuple[Sink, ...],
) -> None:
    done: list[int] = []

    async def until_it_has_passed(data: int, context: WorkflowContext) -> int:
        await asyncio.sleep((context.seconds_left() or 0) + 0.001)
        return data

    chain = Add() >> until_it_has_passed >> done.append
    with pytest.raises(DeadlineExceeded, match="before append could start"):
        await chain.execute(1, WorkflowContext(sinks=sinks).with_timeout(0.01))
    assert done == []


async def test_a_route_that_was_not_taken_does_not_run() -> None:
    hang = Hang()
    await (ConditionalPrimitive(is_big, hang, up) | SwitchPrimitive(kind, {"9": hang})).execute(1)
    assert not hang.started.is_set()
