from __future__ import annotations

import asyncio
import math

import pytest

from tta_dev_primitives import LambdaPrimitive, WorkflowContext, run
from tta_dev_primitives.core.errors import BulkheadFull, ConfigurationError, DeadlineExceeded
from tta_dev_primitives.testing import MockPrimitive
from tta_dev_primitives.workflow import BulkheadPrimitive, BulkheadWaited

from .steps import Heard


class Counter:
    """Counts how many calls are inside at once; they leave when `gate` is set."""

    def __init__(self) -> None:
        self.inside = self.most = self.calls = 0
        self.gate = asyncio.Event()

    async def work(self, data: int) -> int:
        self.calls += 1
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            await self.gate.wait()
        finally:
            self.inside -= 1
        return data


async def test_so_many_run_so_many_wait_and_the_rest_is_refused() -> None:
    counter, heard = Counter(), Heard()
    step = BulkheadPrimitive(LambdaPrimitive(counter.work), max_concurrent=2, max_waiting=3)
    context = WorkflowContext(sinks=(heard,))
    calls = [asyncio.create_task(step.execute(number, context)) for number in range(10)]
    await asyncio.sleep(0.005)
    refused = [call for call in calls if call.done()]
    assert [type(call.exception()) for call in refused] == [BulkheadFull] * 5
    assert "runs 2 times and 3 more wait" in str(refused[0].exception())
    assert counter.calls == 2
    counter.gate.set()
    assert [await call for call in calls if call not in refused] == [0, 1, 2, 3, 4]
    assert counter.most == 2
    assert [event.still_waiting for event in heard.of(BulkheadWaited)] == [2, 1, 0]


async def test_a_failure_and_a_cancellation_give_the_place_back() -> None:
    counter = Counter()
    step = BulkheadPrimitive(LambdaPrimitive(counter.work), max_concurrent=1, max_waiting=0)
    hanging = asyncio.create_task(step.execute(1))
    await asyncio.sleep(0)
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging
    assert counter.inside == 0
    counter.gate.set()
    assert await step.execute(2) == 2

    failing = BulkheadPrimitive(MockPrimitive(raise_error=KeyError), max_concurrent=1, max_waiting=0)
    for _ in range(3):
        with pytest.raises(KeyError):
            await failing.execute(1)


async def test_who_is_cancelled_while_waiting_leaves_the_line() -> None:
    counter = Counter()
    step = BulkheadPrimitive(LambdaPrimitive(counter.work), max_concurrent=1, max_waiting=1)
    running, waiting = (asyncio.create_task(step.execute(number)) for number in range(2))
    await asyncio.sleep(0.005)
    waiting.cancel()
    await asyncio.wait([waiting])
    third = asyncio.create_task(step.execute(3))
    await asyncio.sleep(0.005)
    assert not third.done()
    counter.gate.set()
    assert [await running, await third] == [0, 3]


async def test_the_wait_ends_at_the_deadline() -> None:
    counter = Counter()
    step = BulkheadPrimitive(LambdaPrimitive(counter.work), max_concurrent=1, max_waiting=1)
    running = asyncio.create_task(step.execute(1))
    await asyncio.sleep(0)
    with pytest.raises(DeadlineExceeded, match=r"wait of .* s for a place in the bulkhead of work"):
        await step.execute(2, WorkflowContext().with_timeout(0.05))
    counter.gate.set()
    assert await running == 1
    assert counter.calls == 1


@pytest.mark.parametrize("wrong", [-1, math.nan, 1.5, True])
def test_nonsense_is_refused(wrong: int) -> None:
    with pytest.raises(ConfigurationError, match="max_concurrent"):
        BulkheadPrimitive(MockPrimitive(), max_concurrent=wrong, max_waiting=1)
    with pytest.raises(ConfigurationError, match="max_waiting"):
        BulkheadPrimitive(MockPrimitive(), max_concurrent=1, max_waiting=wrong)
    with pytest.raises(ConfigurationError, match="max_concurrent"):
        BulkheadPrimitive(MockPrimitive(), max_concurrent=0, max_waiting=0)


def test_one_instance_works_in_one_event_loop_after_the_other() -> None:
    async def work(data: int) -> int:
        await asyncio.sleep(0.001)
        return data

    step = BulkheadPrimitive(LambdaPrimitive(work), max_concurrent=1, max_waiting=5)
    assert run(step | step | step, 1) == (1, 1, 1)
    assert run(step | step | step, 2) == (2, 2, 2)
    assert repr(step) == "BulkheadPrimitive(work, max_concurrent=1, max_waiting=5)"
