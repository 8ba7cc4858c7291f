from __future__ import annotations

import asyncio
import math
import time

import pytest

from tta_dev_primitives import LambdaPrimitive, WorkflowContext, run
from tta_dev_primitives.core.errors import ConfigurationError, DeadlineExceeded
from tta_dev_primitives.testing import MockPrimitive
from tta_dev_primitives.workflow import RateLimitPrimitive, RateLimitWaited

from .steps import Heard


class Starts:
    """Notes which calls start when."""

    def __init__(self) -> None:
        self.order: list[int] = []
        self.times: list[float] = []

    def note(self, number: int) -> None:
        self.order.append(number)
        self.times.append(time.monotonic())


async def test_a_burst_starts_at_once_and_the_others_in_line() -> None:
    heard, starts = Heard(), Starts()
    step = RateLimitPrimitive(LambdaPrimitive(starts.note), most=2, per_seconds=0.04)
    context = WorkflowContext(sinks=(heard,))
    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(step.execute(number, context))
    assert starts.order == [0, 1, 2, 3, 4]
    waited = [at - began for at in starts.times]
    for wait, least in zip(waited, (0, 0, 0.02, 0.04, 0.06), strict=True):
        assert wait >= least * 0.9  # never early; how late is the machine's business
    assert len(heard.of(RateLimitWaited)) == 3


async def test_a_burst_of_one_spaces_all_calls() -> None:
    starts = Starts()
    step = RateLimitPrimitive(LambdaPrimitive(starts.note), most=100, per_seconds=1, burst=1)
    for number in range(4):
        await step.execute(number)
    assert starts.times[-1] - starts.times[0] >= 0.015  # of 0.03, as the first may be noted late


async def test_a_turn_after_the_deadline_is_refused_at_once_and_takes_none() -> None:
    mock = MockPrimitive("ask")
    step = RateLimitPrimitive(mock, most=1, per_seconds=60)
    await step.execute(1)
    for _ in range(3):
        with pytest.raises(DeadlineExceeded, match=r"rate limit of ask asks for a wait of (59\.\d|60) s"):
            await step.execute(2, WorkflowContext().with_timeout(5))
    mock.assert_called_once_with(1)


async def test_those_in_line_count_for_who_comes_behind_them() -> None:
    mock = MockPrimitive()
    step = RateLimitPrimitive(mock, most=1, per_seconds=10)
    await step.execute(1)
    waiting = [asyncio.create_task(step.execute(number)) for number in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(DeadlineExceeded, match=r"wait of (39\.\d|40) s"):
        await step.execute(2, WorkflowContext().with_timeout(35))
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
    with pytest.raises(DeadlineExceeded, match=r"wait of (9\.\d+|10) s"):
        await step.execute(2, WorkflowContext().with_timeout(5))
    mock.assert_called_once()


async def test_the_limit_cuts_no_step_at_the_deadline() -> None:
    async def slow(data: int) -> int:
        await asyncio.sleep(0.06)
        return data

    step = RateLimitPrimitive(LambdaPrimitive(slow), most=5, per_seconds=1)
    assert await step.execute(1, WorkflowContext().with_timeout(0.05)) == 1


def test_the_bucket_goes_along_from_one_event_loop_to_the_next() -> None:
    step = RateLimitPrimitive(MockPrimitive(return_value=1), most=2, per_seconds=60)
    assert [run(step, 1), run(step, 1)] == [1, 1]
    with pytest.raises(DeadlineExceeded, match="asks for a wait of"):
        run(step, 1, WorkflowContext().with_timeout(5))
    assert repr(step) == "RateLimitPrimitive(MockPrimitive('mock'), most=2, per_seconds=60)"


def test_it_waits_in_a_second_event_loop_too() -> None:
    starts = Starts()
    step = RateLimitPrimitive(LambdaPrimitive(starts.note), most=1, per_seconds=0.1)
    run(step, 1)
    run(step, 2)
    first, second = starts.times
    assert second - first >= 0.05  # of 0.1, as the first may be noted late


@pytest.mark.parametrize("wrong", [0, -1, math.nan, math.inf])
def test_nonsense_is_refused(wrong: float) -> None:
    with pytest.raises(ConfigurationError, match="per_seconds"):
        RateLimitPrimitive(MockPrimitive(), most=1, per_seconds=wrong)
    with pytest.raises(ConfigurationError, match="most"):
        RateLimitPrimitive(MockPrimitive(), most=wrong, per_seconds=1)  # type: ignore[arg-type]  # wrong
    with pytest.raises(ConfigurationError, match="burst"):
        RateLimitPrimitive(MockPrimitive(), most=1, per_seconds=1, burst=wrong)  # type: ignore[arg-type]  # wrong
