from __future__ import annotations

import asyncio
import gc
import math
import threading
from collections.abc import Callable, Hashable
from typing import cast

import pytest

from tta_dev_primitives import LambdaPrimitive, WorkflowContext, WorkflowPrimitive, run
from tta_dev_primitives.core.errors import (
    CompositionError,
    ConfigurationError,
    DeadlineExceeded,
    StepTimeout,
)
from tta_dev_primitives.testing import MockPrimitive
from tta_dev_primitives.workflow import CacheAsked, CachePrimitive, TimeoutPrimitive

from .steps import Clock, Heard, Slow, Writing


class Gated(WorkflowPrimitive[str, str]):
    """Calls wait until `gate` is set, then end as listed: an error is raised, text returned."""

    def __init__(self, *ends: Exception | str) -> None:
        self._ends = ends
        self.gate = asyncio.Event()
        self.calls = 0
        self.cancelled = 0

    async def _execute(self, data: str, context: WorkflowContext) -> str:
        del data
        number, self.calls = self.calls, self.calls + 1
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        context.check_deadline("the end")
        end = self._ends[number]
        if isinstance(end, Exception):
            raise end
        return end


def same(data: str) -> str:
    return data


def cached(step: WorkflowPrimitive[str, str]) -> CachePrimitive[str, str]:
    return CachePrimitive(step, cache_key_fn=same, ttl_seconds=60)


async def start(step: WorkflowPrimitive[str, str], calls: int) -> list[asyncio.Task[str]]:
    tasks = [asyncio.create_task(step.execute("key")) for _ in range(calls)]
    await settle()
    return tasks


async def settle() -> None:
    """Let every task run until it waits."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_an_answer_is_remembered_by_key_until_its_time_is_over() -> None:
    clock, mock = Clock(), MockPrimitive(side_effect=["one", "other", "two"])
    step = CachePrimitive(mock, cache_key_fn=str.lower, ttl_seconds=10, clock=clock)
    assert [await step.execute("A"), await step.execute("a"), await step.execute("b")] == [
        "one",
        "one",
        "other",
    ]
    clock.now += 9.9
    assert await step.execute("A") == "one"
    clock.now += 0.2
    assert await step.execute("A") == "two"
    stats = step.get_stats()
    assert (stats.hits, stats.misses, stats.joined, stats.hit_rate) == (2, 3, 0, 0.4)


async def test_none_is_an_answer_too() -> None:
    mock = MockPrimitive()
    step = CachePrimitive(mock, cache_key_fn=same, ttl_seconds=60)
    assert [await step.execute("a"), await step.execute("a")] == [None, None]
    mock.assert_called_once()


async def test_ten_misses_at_once_make_one_call() -> None:
    inside, heard = Gated("answer"), Heard()
    step = cached(inside)
    tasks = [asyncio.create_task(step.execute("key", WorkflowContext(sinks=(heard,)))) for _ in range(10)]
    await settle()
    inside.gate.set()
    assert [await task for task in tasks] == ["answer"] * 10
    assert inside.calls == 1
    stats = step.get_stats()
    assert (stats.misses, stats.joined, stats.hits, stats.entries) == (1, 9, 0, 1)
    assert [event.found for event in heard.of(CacheAsked)] == ["miss"] + ["joined"] * 9


async def test_a_cancelled_leader_leaves_the_call_to_the_others() -> None:
    inside = Gated("answer")
    leader, *others = await start(cached(inside), 4)
    leader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leader
    inside.gate.set()
    assert [await task for task in others] == ["answer"] * 3
    assert (inside.calls, inside.cancelled) == (1, 0)


async def test_when_the_last_caller_is_cancelled_so_is_the_step() -> None:
    inside = Gated("never", "answer")
    step = cached(inside)
    tasks = await start(step, 3)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert all(task.cancelled() for task in tasks)
    assert (inside.calls, inside.cancelled) == (1, 1)
    inside.gate.set()
    assert await step.execute("key") == "answer"


async def test_a_failure_is_the_leaders_and_the_others_share_one_more_call() -> None:
    inside = Gated(OSError("first"), "answer")
    leader, *others = await start(cached(inside), 10)
    inside.gate.set()
    with pytest.raises(OSError, match="first"):
        await leader
    assert [await task for task in others] == ["answer"] * 9
    assert inside.calls == 2


async def test_a_service_that_is_down_is_not_asked_by_everybody() -> None:
    inside = Gated(*(OSError(str(number)) for number in range(10)))
    tasks = await start(cached(inside), 10)
    inside.gate.set()
    await asyncio.wait(tasks)
    assert [str(task.exception()) for task in tasks] == ["0"] + ["1"] * 9
    assert inside.calls == 2


async def test_a_step_that_hangs_until_its_own_timeout_is_not_waited_for_by_one_after_the_other() -> None:
    hanging = Gated()
    tasks = await start(cached(TimeoutPrimitive(hanging, timeout_seconds=0.01)), 5)
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [StepTimeout] * 5
    assert hanging.calls == 2


async def test_errors_are_not_remembered() -> None:
    mock = MockPrimitive(side_effect=[OSError(), "answer"])
    step = CachePrimitive(mock, cache_key_fn=same, ttl_seconds=60)
    with pytest.raises(OSError, match=r"^$"):
        await step.execute("a")
    assert await step.execute("a") == "answer"


async def test_the_deadline_of_the_leader_is_not_that_of_the_others() -> None:
    inside = Gated("never", "answer")
    step = cached(inside)
    leader = asyncio.create_task(step.execute("key", WorkflowContext().with_timeout(0.05)))
    await settle()
    [other] = await start(step, 1)
    await asyncio.sleep(0.06)
    inside.gate.set()
    with pytest.raises(DeadlineExceeded):
        await leader
    assert await other == "answer"


async def test_several_leaders_in_a_row_can_run_out_of_time() -> None:
    inside = Slow([60, 60, 0])
    step = cached(TimeoutPrimitive(inside, timeout_seconds=600))
    hasty = [
        asyncio.create_task(step.execute("key", WorkflowContext().with_timeout(seconds)))
        for seconds in (0.04, 0.08)
    ]
    [patient] = await start(step, 1)
    assert await patient == "answer 2"
    assert {type(task.exception()) for task in hasty} == {DeadlineExceeded}
    assert inside.ended == ["0 cancelled", "1 cancelled", "2 done"]


async def test_a_step_that_fails_after_its_last_caller_left_is_not_complained_about(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def untidy(data: str) -> str:
        try:
            await asyncio.sleep(60)
        finally:
            raise OSError(data)

    async def call_and_leave() -> None:
        task = asyncio.create_task(cached(LambdaPrimitive(untidy)).execute("key"))
        await settle()
        task.cancel()
        await asyncio.wait([task])

    await call_and_leave()
    gc.collect()
    assert not caplog.records


async def test_who_waits_for_anothers_call_does_so_until_the_own_deadline() -> None:
    inside = Gated("answer")
    step = cached(inside)
    [leader] = await start(step, 1)
    with pytest.raises(DeadlineExceeded, match="for another call of Gated"):
        await step.execute("key", WorkflowContext().with_timeout(0.05))
    inside.gate.set()
    assert await leader == "answer"


async def test_a_timeout_around_it_reaches_the_step() -> None:
    inside = Slow([60])
    step = CachePrimitive(inside, cache_key_fn=lambda _: 1, ttl_seconds=60)
    with pytest.raises(StepTimeout):
        await TimeoutPrimitive(step, timeout_seconds=0.03).execute(1)
    assert inside.ended == ["0 cancelled"]


async def test_nobody_can_change_what_another_sees() -> None:
    def make(data: str) -> list[str]:
        made.append([data])
        return made[0]

    made: list[list[str]] = []
    step = CachePrimitive(LambdaPrimitive(make), cache_key_fn=same, ttl_seconds=60)
    first = await step.execute("a")
    first.append("changed by who made the call")
    second = await step.execute("a")
    second.append("changed by who got it from memory")
    assert await step.execute("a") == ["a"]


async def test_those_who_share_a_call_share_no_answer() -> None:
    gate = asyncio.Event()

    async def make(data: str) -> list[str]:
        await gate.wait()
        return [data]

    step = CachePrimitive(LambdaPrimitive(make), cache_key_fn=same, ttl_seconds=60)
    tasks = [asyncio.create_task(step.execute("a")) for _ in range(3)]
    await settle()
    gate.set()
    answers = [await task for task in tasks]
    answers[0].append("changed")
    assert answers[1:] == [["a"], ["a"]]
    assert answers[1] is not answers[2]


async def test_answers_that_nobody_changes_can_be_shared() -> None:
    answer = threading.Lock()  # cannot be copied
    mock = MockPrimitive(return_value=answer)
    step = CachePrimitive(mock, cache_key_fn=same, ttl_seconds=60, frozen=True)
    assert [await step.execute("a"), await step.execute("a")] == [answer, answer]
    mock.assert_called_once()


async def test_an_answer_that_cannot_be_copied_says_what_to_do() -> None:
    step = CachePrimitive(MockPrimitive(return_value=threading.Lock()), cache_key_fn=same, ttl_seconds=60)
    with pytest.raises(ConfigurationError, match="frozen=True"):
        await step.execute("a")


async def test_tenants_have_answers_of_their_own() -> None:
    step = CachePrimitive(
        LambdaPrimitive(lambda data, context: f"{data} of {context.tenant}"),
        cache_key_fn=same,
        ttl_seconds=60,
    )
    answers = [await step.execute("a", WorkflowContext(tenant=tenant)) for tenant in ("x", "y", None, "x")]
    assert answers == ["a of x", "a of y", "a of None", "a of x"]
    assert step.get_stats().misses == 3


async def test_a_key_can_depend_on_the_context() -> None:
    mock = MockPrimitive(side_effect=[1, 2])
    step = CachePrimitive(mock, cache_key_fn=lambda data, context: (data, context.session_id), ttl_seconds=60)
    answers = [await step.execute("a", WorkflowContext(session_id=one)) for one in ("s", "t", "s")]
    assert answers == [1, 2, 1]


async def test_equal_keys_of_different_types_differ() -> None:
    step = CachePrimitive(LambdaPrimitive(repr), cache_key_fn=lambda data: data, ttl_seconds=60)
    assert [await step.execute(one) for one in (1, True, 1.0)] == ["1", "True", "1.0"]


async def test_it_keeps_no_more_than_it_may_and_drops_what_was_not_asked_for() -> None:
    mock = MockPrimitive(side_effect=same)
    step = CachePrimitive(mock, cache_key_fn=same, ttl_seconds=60, max_entries=2)
    for key in ("a", "b", "a", "c", "a"):
        await step.execute(key)
    assert [call.data for call in mock.calls] == ["a", "b", "c"]
    assert step.get_stats().entries == 2
    step.clear()
    assert step.get_stats().entries == 0


async def test_a_key_that_is_none_says_what_to_do() -> None:
    step = CachePrimitive(
        MockPrimitive(), cache_key_fn=cast("Callable[[str], Hashable]", list), ttl_seconds=60
    )
    with pytest.raises(ConfigurationError, match=r"returned \['a'\], which is no key"):
        await step.execute("a")


async def test_the_state_is_the_same_whether_the_step_ran_or_not() -> None:
    step = CachePrimitive(Writing(failures=0), cache_key_fn=lambda _: 1, ttl_seconds=60)
    context = WorkflowContext(state={"before": 1})
    for _ in range(2):
        assert await step.execute("a", context) == "written"
        assert context.state == {"before": 1}


def test_an_async_key_function_is_refused_as_no_two_of_its_keys_are_equal() -> None:
    async def key(data: str) -> str:
        return data

    wrong = cast("Callable[[str], Hashable]", key)
    with pytest.raises(CompositionError, match="plain function"):
        CachePrimitive(MockPrimitive(), cache_key_fn=wrong, ttl_seconds=60)


@pytest.mark.parametrize("wrong", [0, -1, math.nan, math.inf])
def test_nonsense_is_refused(wrong: float) -> None:
    with pytest.raises(ConfigurationError, match="ttl_seconds"):
        CachePrimitive(MockPrimitive(), cache_key_fn=same, ttl_seconds=wrong)
    with pytest.raises(ConfigurationError, match="max_entries"):
        CachePrimitive(MockPrimitive(), cache_key_fn=same, ttl_seconds=1, max_entries=cast("int", wrong))


def test_it_remembers_from_one_event_loop_to_the_next() -> None:
    mock = MockPrimitive("ask", side_effect=["a", "b"])
    step = CachePrimitive(mock, cache_key_fn=same, ttl_seconds=60)
    assert [run(step, "x"), run(step, "x"), run(step, "y")] == ["a", "a", "b"]
    assert repr(step) == "CachePrimitive(MockPrimitive('ask'), ttl_seconds=60)"


def test_a_call_that_an_event_loop_left_behind_is_made_again_in_the_next() -> None:
    inside = Slow([60, 0])
    step = CachePrimitive(inside, cache_key_fn=lambda _: 1, ttl_seconds=60)
    loop = asyncio.new_event_loop()
    left = loop.create_task(step.execute(1))
    loop.run_until_complete(settle())
    assert run(step, 2) == "answer 1"
    left.cancel()
    loop.run_until_complete(asyncio.wait([left]))
    loop.close()
    assert inside.ended == ["1 done", "0 cancelled"]
    assert run(step, 3) == "answer 1"
