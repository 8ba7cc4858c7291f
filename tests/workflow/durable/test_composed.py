"""Durable runs of what the other primitives compose."""

from __future__ import annotations

import asyncio

import pytest

from tests.core.steps import Heard
from tta_dev_primitives import LambdaPrimitive, WorkflowContext, WorkflowPrimitive
from tta_dev_primitives.core.errors import RunUndone, StepOutcomeUnknown
from tta_dev_primitives.workflow import (
    CompensationPrimitive,
    ConditionalPrimitive,
    HedgePrimitive,
    Journal,
    ParallelPrimitive,
    RetryPrimitive,
    RouterPrimitive,
    RunSkipped,
    TimeoutPrimitive,
    WorkflowChanged,
)

from .steps import Counted

LOST = ConnectionError("the line went dead")


@pytest.fixture
def counted() -> Counted:
    return Counted()


async def resumed(
    journal: Journal, workflow: WorkflowPrimitive[int, object], context: WorkflowContext | None = None
) -> tuple[object, list[object]]:
    """Run to the failure, resume it, resume it when it is done; return its result and the events."""
    with pytest.raises(ConnectionError):
        await journal.run(workflow, 1, resume="run")
    heard = Heard()
    context = context or WorkflowContext(sinks=(heard,))
    result = await journal.run(workflow, 1, context, resume="run")
    again = Heard()
    assert await journal.run(workflow, 1, WorkflowContext(sinks=(again,)), resume="run") == result
    assert RunSkipped(run_id="run") in again.events
    return result, list(heard.events)


async def test_a_choice_is_kept(journal: Journal, counted: Counted) -> None:
    def is_odd(data: int) -> bool:
        counted.calls.append("asked")
        return data % 2 == 1

    workflow = ConditionalPrimitive(is_odd, counted.step("odd", idempotent=False)) >> counted.step("end")
    counted.fail("end", LOST)
    result, events = await resumed(journal, workflow)
    assert result == 3
    assert counted.calls == ["asked", "odd(1)", "end(2)", "end(2)"]
    assert not [event for event in events if isinstance(event, WorkflowChanged)]


async def test_routes_with_odd_names(journal: Journal, counted: Counted) -> None:
    def always(data: int) -> str:
        del data
        return "a/b"

    routes = {"a/b": counted.step("x", idempotent=False), "a": counted.step("y"), "": counted.step("z")}
    workflow = RouterPrimitive(routes, always) >> counted.step("end")
    counted.fail("end", LOST)
    assert (await resumed(journal, workflow))[0] == 3
    assert counted.calls == ["x(1)", "end(2)", "end(2)"]


async def test_a_dict_of_steps_and_merged_state(journal: Journal, counted: Counted) -> None:
    def put(data: int, context: WorkflowContext) -> str:
        counted.calls.append("put")
        context.state["put"] = data
        return "text"

    def count(texts: tuple[str]) -> int:
        return len(texts)

    named = {"a": counted.step("a", idempotent=False), "b": LambdaPrimitive(put, idempotent=False)}
    branches: ParallelPrimitive[int, str] = ParallelPrimitive(
        LambdaPrimitive(put, idempotent=False), merge="namespaced"
    )
    workflow = counted.step("first") >> named
    context = WorkflowContext()
    fail = counted.step("fail")
    counted.fail("fail", LOST)
    result, _ = await resumed(
        journal, fail >> branches >> LambdaPrimitive(count, idempotent=True) >> workflow
    )
    assert result == {"a": 3, "b": "text"}
    await journal.run(fail >> branches, 1, context, resume="other")
    again = WorkflowContext()
    await journal.run(fail >> branches, 1, again, resume="other")
    assert context.state == again.state == {"0": {"put": 2}}


async def test_retries_and_timeouts(journal: Journal, counted: Counted) -> None:
    flaky = RetryPrimitive(counted.step("flaky", idempotent=True), on=ConnectionError, sleep=asyncio.sleep)
    workflow = TimeoutPrimitive(flaky, timeout_seconds=30) >> counted.step("end")
    counted.fail("flaky", LOST)
    counted.fail("end", LOST)
    assert (await resumed(journal, workflow))[0] == 3
    assert counted.calls == ["flaky(1)", "flaky(1)", "end(2)", "end(2)"]


async def test_a_halt_is_not_retried(journal: Journal, counted: Counted) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    workflow = RetryPrimitive(
        counted.step("pay", idempotent=False),
        on=Exception,
        attempts=5,
        sleep=sleep,
        repeat_non_idempotent=True,
    )
    counted.fail("pay", LOST)
    with pytest.raises(StepOutcomeUnknown):
        await journal.run(workflow, 1, resume="run")
    assert (counted.calls, len(waits)) == (["pay(1)"], 1)


async def test_a_saga_that_undid_is_over(journal: Journal, counted: Counted) -> None:
    saga: CompensationPrimitive[int, int] = CompensationPrimitive(
        [(counted.step("reserve", idempotent=False), counted.step("release")), (counted.step("pay"), None)]
    )
    counted.fail("pay", LOST)
    with pytest.raises(ConnectionError):
        await journal.run(saga, 1, resume="run")
    with pytest.raises(RunUndone, match="ConnectionError: the line went dead"):
        await journal.run(saga, 1, resume="run")
    assert counted.calls == ["reserve(1)", "pay(2)", "release(1)"]


async def test_a_saga_with_nothing_to_undo_goes_on(journal: Journal, counted: Counted) -> None:
    saga: CompensationPrimitive[int, int] = CompensationPrimitive(
        [(counted.step("a"), None), (counted.step("b"), counted.step("undo"))]
    )
    counted.fail("b", LOST)
    assert (await resumed(journal, saga))[0] == 3
    assert counted.calls == ["a(1)", "b(2)", "b(2)"]


async def test_a_saga_undoes_nothing_while_somebody_has_to_decide(journal: Journal, counted: Counted) -> None:
    async def wait(data: int) -> int:
        raise asyncio.CancelledError(data)

    pay = LambdaPrimitive(wait, name="pay", idempotent=False)
    saga: CompensationPrimitive[int, int] = CompensationPrimitive(
        [(counted.step("reserve"), counted.step("release")), (pay, None)]
    )
    plain = counted.step("reserve") >> pay
    with pytest.raises(asyncio.CancelledError):
        await journal.run(plain, 1, resume="run")
    with pytest.raises(StepOutcomeUnknown, match="'pay'"):
        await journal.run(saga, 1, resume="run")
    assert counted.calls == ["reserve(1)"]


async def test_a_hedge_is_one_execution(journal: Journal, counted: Counted) -> None:
    async def slow(data: int) -> int:
        counted.calls.append("slow")
        await asyncio.sleep(0.02)
        return data

    hedge = HedgePrimitive(LambdaPrimitive(slow, idempotent=True), after_s=0.001)
    counted.fail("end", LOST)
    assert (await resumed(journal, hedge >> counted.step("end")))[0] == 2
    assert counted.calls.count("slow") <= 2
    assert counted.calls.count("end(1)") == 2
