"""What holds for every step around another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tta_dev_primitives import Budget, LambdaPrimitive, WorkflowContext, WorkflowPrimitive, run
from tta_dev_primitives.core.errors import CompositionError, DeadlineExceeded, RunHalted
from tta_dev_primitives.testing import MockPrimitive
from tta_dev_primitives.workflow import (
    BulkheadPrimitive,
    CachePrimitive,
    CircuitBreakerPrimitive,
    CompensationPrimitive,
    FallbackPrimitive,
    HedgePrimitive,
    RateLimitPrimitive,
    RetryPrimitive,
    TimeoutPrimitive,
)

from .steps import NoSleep, Paths, Slow

Step = WorkflowPrimitive[Any, Any]
Wrap = Callable[[Step], Step]

WRAPPERS: dict[str, Wrap] = {
    "retry": lambda step: RetryPrimitive(step, on=Exception, sleep=NoSleep()),
    "timeout": lambda step: TimeoutPrimitive(step, timeout_seconds=60),
    "hedge": lambda step: HedgePrimitive(step, after_s=60),
    "fallback": lambda step: FallbackPrimitive(step, [step]),
    "compensation": lambda step: CompensationPrimitive[Any, Any]([(step, step)]),
    "circuit breaker": CircuitBreakerPrimitive,
    "cache": lambda step: CachePrimitive(step, cache_key_fn=repr, ttl_seconds=60),
    "rate limit": lambda step: RateLimitPrimitive(step, most=1000, per_seconds=1),
    "bulkhead": lambda step: BulkheadPrimitive(step, max_concurrent=5, max_waiting=5),
}

each = pytest.mark.parametrize("wrap", WRAPPERS.values(), ids=WRAPPERS)


@each
def test_input_and_output_pass_through_in_one_event_loop_after_the_other(wrap: Wrap) -> None:
    step = wrap(LambdaPrimitive(lambda data: data + 1, idempotent=True))
    assert [run(step, 1), run(step, 2)] == [2, 3]


@each
async def test_the_step_inside_knows_where_it_stands(wrap: Wrap) -> None:
    journal, inside = Paths(), MockPrimitive(idempotent=True)
    step = wrap(inside)
    await step.execute(1, WorkflowContext(journal=journal))
    assert journal.seen == [f"/{next(iter(step.children))}"]
    assert set(step.children.values()) == {inside}


@each
async def test_the_step_inside_has_the_identity_of_the_run(wrap: Wrap) -> None:
    inside = MockPrimitive(idempotent=True)
    context = WorkflowContext(tenant="t", budget=Budget(calls=9), tags={"a": "b"}).with_timeout(30)
    await wrap(inside).execute(1, context)
    [call] = inside.calls
    for field in ("workflow_id", "correlation_id", "tenant", "budget", "tags", "deadline", "trace_id"):
        assert getattr(call.context, field) == getattr(context, field)


@each
async def test_an_error_comes_out_plain(wrap: Wrap) -> None:
    error = ZeroDivisionError("mine")
    with pytest.raises(ZeroDivisionError) as raised:
        await wrap(MockPrimitive(raise_error=error, idempotent=True)).execute(1)
    assert raised.value is error


@each
async def test_a_cancellation_reaches_the_step_inside(wrap: Wrap) -> None:
    inside = Slow([60])
    task = asyncio.create_task(wrap(inside).execute(1))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert inside.ended == ["0 cancelled"]


@each
async def test_nothing_starts_after_the_deadline(wrap: Wrap) -> None:
    inside = MockPrimitive(idempotent=True)
    context = WorkflowContext().with_timeout(0.001)
    await asyncio.sleep(0.005)
    with pytest.raises(DeadlineExceeded):
        await wrap(inside).execute(1, context)
    inside.assert_not_called()


@each
def test_it_is_as_idempotent_as_what_is_inside(wrap: Wrap) -> None:
    assert wrap(MockPrimitive(idempotent=True)).idempotent is True


@each
def test_what_is_no_step_is_refused_and_a_function_becomes_one(wrap: Wrap) -> None:
    wrong: Any = 7
    with pytest.raises(CompositionError, match=r"takes primitives, functions"):
        wrap(wrong)
    a_class: Any = MockPrimitive
    with pytest.raises(CompositionError, match=r"the class MockPrimitive"):
        wrap(a_class)


@each
async def test_it_composes_with_operators(wrap: Wrap) -> None:
    step = wrap(LambdaPrimitive(lambda data: data + 1, idempotent=True))
    assert await (step >> step | step).execute(1) == (3, 2)


def test_all_of_them_nest() -> None:
    step: Step = Slow([0, 0])
    for wrap in WRAPPERS.values():
        step = wrap(step)
    for wrap in WRAPPERS.values():
        step = wrap(step)
    assert [run(step, 1), run(step, 2)] == ["answer 0", "answer 1"]
    assert step.idempotent is True


@each
async def test_a_halted_run_is_left_as_it_is(wrap: Wrap) -> None:
    inside = MockPrimitive(raise_error=RunHalted("decide"), idempotent=True)
    step = wrap(inside)
    with pytest.raises(RunHalted):
        await step.execute(1)
    inside.assert_called_once()
