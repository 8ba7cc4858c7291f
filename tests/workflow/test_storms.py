"""Many callers, some cancelled at any moment: nothing hangs, leaks, or is done more often than said."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from tta_dev_primitives import LambdaPrimitive, WorkflowContext, WorkflowPrimitive
from tta_dev_primitives.core.errors import BulkheadFull, CircuitOpen, DeadlineExceeded
from tta_dev_primitives.workflow import (
    BulkheadPrimitive,
    CachePrimitive,
    CircuitBreakerPrimitive,
    CircuitState,
    RateLimitPrimitive,
)

from .steps import Clock

seeds = pytest.mark.parametrize("seed", range(8))


class Inside:
    """Takes some turns of the event loop, fails now and then, and counts how many are in it at once."""

    def __init__(self, random: Random, *, failures: float) -> None:
        self._random, self._failures = random, failures
        self.now = self.most = self.calls = 0

    async def work(self, data: int) -> int:
        self.calls += 1
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            for _ in range(self._random.randrange(6)):
                await asyncio.sleep(0)
            if self._random.random() < self._failures:
                raise ConnectionError
        finally:
            self.now -= 1
        return data


async def storm(step: WorkflowPrimitive[int, int], random: Random, *, same: bool = False) -> list[str]:
    """Call the step 60 times, cancel a third of the callers, and return how each ended."""
    tasks = list[asyncio.Task[int]]()
    for number in range(60):
        context = WorkflowContext().with_timeout(0.2)
        tasks.append(asyncio.create_task(step.execute(0 if same else number, context)))
        for _ in range(random.randrange(3)):
            await asyncio.sleep(0)
        if random.random() < 1 / 3:
            random.choice(tasks).cancel()
    await asyncio.wait_for(asyncio.wait(tasks), 20)
    return ["cancelled" if task.cancelled() else type(task.exception()).__name__ for task in tasks]


@seeds
async def test_a_cache_makes_one_call_at_a_time_for_a_key(seed: int) -> None:
    random = Random(seed)  # noqa: S311  # no secret
    inside = Inside(random, failures=0.7)
    step = CachePrimitive(LambdaPrimitive(inside.work), cache_key_fn=lambda data: data, ttl_seconds=1e-9)
    ends = await storm(step, random, same=True)
    assert set(ends) <= {"cancelled", "ConnectionError", "NoneType"}
    assert (inside.most, inside.now) == (1, 0)
    assert inside.calls < 60


@seeds
async def test_a_bulkhead_never_lets_in_more_and_gives_every_place_back(seed: int) -> None:
    random = Random(seed)  # noqa: S311  # no secret
    inside = Inside(random, failures=0.2)
    step = BulkheadPrimitive(LambdaPrimitive(inside.work), max_concurrent=2, max_waiting=3)
    ends = await storm(step, random)
    assert set(ends) <= {"cancelled", "ConnectionError", "NoneType", BulkheadFull.__name__}
    assert inside.most == 2
    done = [asyncio.create_task(step.execute(1)) for _ in range(5)]
    await asyncio.wait_for(asyncio.wait(done), 5)
    assert BulkheadFull not in {type(task.exception()) for task in done}


@seeds
async def test_a_circuit_breaker_is_never_stuck(seed: int) -> None:
    random, clock = Random(seed), Clock()  # noqa: S311  # no secret
    inside = Inside(random, failures=0.6)

    def tick() -> float:
        clock.now += random.random()
        return clock.now

    step = CircuitBreakerPrimitive(
        LambdaPrimitive(inside.work), failure_threshold=2, recovery_seconds=3, clock=tick
    )
    ends = await storm(step, random)
    assert set(ends) <= {"cancelled", "ConnectionError", "NoneType", CircuitOpen.__name__}
    for _ in range(100):
        clock.now += 4
        await asyncio.wait([asyncio.create_task(step.execute(1))])
        if step.state is CircuitState.CLOSED:
            return
    pytest.fail(f"still {step.state}")


@seeds
async def test_a_rate_limit_forgets_who_left(seed: int) -> None:
    random = Random(seed)  # noqa: S311  # no secret
    inside = Inside(random, failures=0.2)
    step = RateLimitPrimitive(LambdaPrimitive(inside.work), most=20_000, per_seconds=1, burst=3)
    ends = await storm(step, random)
    assert set(ends) <= {"cancelled", "ConnectionError", "NoneType", DeadlineExceeded.__name__}
    before = inside.calls
    await asyncio.wait_for(asyncio.wait([asyncio.create_task(step.execute(1))]), 5)
    assert (inside.calls, inside.now) == (before + 1, 0)
