from __future__ import annotations

import asyncio
import math
import time

import pytest

from tta_dev_primitives import LambdaPrimitive, WorkflowContext, run
from tta_dev_primitives.core.errors import ConfigurationError, DeadlineExceeded, StepTimeout
from tta_dev_primitives.testing import MockPrimitive
from tta_dev_primitives.workflow import TimedOut, TimeoutPrimitive

from .steps import Heard, Slow


def block(data: int) -> int:
    time.sleep(0.04)
    return data


async def test_a_step_that_is_quick_enough_is_left_alone() -> None:
    assert await TimeoutPrimitive(Slow([0]), timeout_seconds=60).execute(1) == "answer 0"


async def test_a_slow_step_is_cancelled_with_an_error_that_is_also_the_builtin_one() -> None:
    step, heard = Slow([60]), Heard()
    with pytest.raises(TimeoutError, match=r"Slow may take 0\.03 s and was cancelled after") as raised:
        await TimeoutPrimitive(step, timeout_seconds=0.03).execute(1, WorkflowContext(sinks=(heard,)))
    assert type(raised.value) is StepTimeout
    assert isinstance(raised.value, DeadlineExceeded)
    assert step.ended == ["0 cancelled"]
    [event] = heard.of(TimedOut)
    assert (event.step, event.timeout_s, event.at_deadline) == ("Slow", 0.03, False)


async def test_a_timeout_of_the_step_itself_comes_out_as_it_is() -> None:
    mine, heard = TimeoutError("my own"), Heard()
    with pytest.raises(TimeoutError) as raised:
        await TimeoutPrimitive(MockPrimitive(raise_error=mine), timeout_seconds=60).execute(
            1, WorkflowContext(sinks=(heard,))
        )
    assert raised.value is mine
    assert not heard.of(TimedOut)


async def test_the_step_sees_the_deadline() -> None:
    context = WorkflowContext().with_timeout(1000)
    step = MockPrimitive()
    await TimeoutPrimitive(step, timeout_seconds=10).execute(1, context)
    await TimeoutPrimitive(step, timeout_seconds=5000).execute(1, context)
    shorter, same = (call.context for call in step.calls)
    assert shorter.deadline is not None
    assert context.deadline is not None
    assert shorter.deadline < context.deadline
    assert same.deadline == context.deadline


async def test_the_deadline_of_the_context_shortens_it() -> None:
    heard = Heard()
    context = WorkflowContext(sinks=(heard,)).with_timeout(0.03)
    with pytest.raises(DeadlineExceeded, match="the deadline passed") as raised:
        await TimeoutPrimitive(Slow([60]), timeout_seconds=60).execute(1, context)
    assert type(raised.value) is DeadlineExceeded
    assert heard.of(TimedOut)[0].at_deadline


async def test_of_two_the_shorter_one_says_so() -> None:
    inner = TimeoutPrimitive(Slow([60]), timeout_seconds=0.03)
    with pytest.raises(StepTimeout, match="Slow may take"):
        await TimeoutPrimitive(inner, timeout_seconds=60).execute(1)
    outer = TimeoutPrimitive(TimeoutPrimitive(Slow([60]), timeout_seconds=60), timeout_seconds=0.03)
    with pytest.raises(StepTimeout, match="TimeoutPrimitive may take"):
        await outer.execute(1)


async def test_a_step_that_blocks_the_loop_past_its_time_keeps_the_next_from_starting() -> None:
    after = MockPrimitive()
    with pytest.raises(StepTimeout):
        await TimeoutPrimitive(LambdaPrimitive(block) >> after, timeout_seconds=0.03).execute(1)
    after.assert_not_called()


async def test_a_late_timeout_of_the_step_itself_comes_out_as_it_is_too() -> None:
    def block_and_fail(data: int) -> int:
        raise TimeoutError(f"my own {block(data)}")

    with pytest.raises(TimeoutError, match="my own 1") as raised:
        await TimeoutPrimitive(LambdaPrimitive(block_and_fail), timeout_seconds=0.03).execute(1)
    assert type(raised.value) is TimeoutError


async def test_an_output_that_came_late_but_came_counts() -> None:
    assert await TimeoutPrimitive(LambdaPrimitive(block), timeout_seconds=0.03).execute(7) == 7


async def test_a_cancellation_from_outside_stays_one() -> None:
    step = Slow([60])
    task = asyncio.create_task(TimeoutPrimitive(step, timeout_seconds=60).execute(1))
    await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert step.ended == ["0 cancelled"]


async def test_what_fails_while_it_is_cancelled_comes_out() -> None:
    async def untidy(data: int) -> int:
        try:
            await asyncio.sleep(60)
        finally:
            raise ZeroDivisionError(data)

    with pytest.raises(ZeroDivisionError):
        await TimeoutPrimitive(LambdaPrimitive(untidy), timeout_seconds=0.03).execute(1)


@pytest.mark.parametrize("wrong", [0, -1, math.nan, math.inf, None, "1", True])
def test_nonsense_is_refused(wrong: float) -> None:
    with pytest.raises(ConfigurationError, match="timeout_seconds"):
        TimeoutPrimitive(MockPrimitive(), timeout_seconds=wrong)


def test_one_instance_works_in_one_event_loop_after_the_other() -> None:
    step = TimeoutPrimitive(Slow([60, 0]), timeout_seconds=0.03)
    with pytest.raises(StepTimeout):
        run(step, 1)
    assert run(step, 1) == "answer 1"


def test_it_shows_what_it_is_around() -> None:
    step = TimeoutPrimitive(MockPrimitive("ask"), timeout_seconds=2)
    assert repr(step) == "TimeoutPrimitive(MockPrimitive('ask'), timeout_seconds=2)"
