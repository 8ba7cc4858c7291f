from __future__ import annotations

import asyncio
import math

import pytest

from tta_dev_primitives import LambdaPrimitive, WorkflowContext, run
from tta_dev_primitives.core.errors import BudgetExceeded, CircuitOpen, ConfigurationError, RunHalted
from tta_dev_primitives.testing import MockPrimitive
from tta_dev_primitives.workflow import (
    Backoff,
    CircuitBreakerPrimitive,
    CircuitChanged,
    CircuitState,
    RetryPrimitive,
    TimeoutPrimitive,
)

from .steps import Clock, Failing, Heard, NoSleep, Slow


class Service:
    """Answers once `up`; a call ends when `gate` is set."""

    def __init__(self) -> None:
        self.up = False
        self.calls = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def ask(self, data: int) -> int:
        self.calls += 1
        await self.gate.wait()
        if not self.up:
            raise ConnectionError("down")
        return data


def breaker(service: Service, clock: Clock) -> CircuitBreakerPrimitive[int, int]:
    return CircuitBreakerPrimitive(
        LambdaPrimitive(service.ask), failure_threshold=2, recovery_seconds=30, clock=clock
    )


async def open_it(step: CircuitBreakerPrimitive[int, int], context: WorkflowContext | None = None) -> None:
    for _ in range(2):
        with pytest.raises(ConnectionError):
            await step.execute(1, context)
    assert step.state == CircuitState.OPEN


async def test_failures_in_a_row_open_it_and_calls_are_refused() -> None:
    service, clock = Service(), Clock()
    step = breaker(service, clock)
    await open_it(step)
    clock.now += 12
    with pytest.raises(CircuitOpen, match=r"opened after 2 failures in a row; .* in 18 s") as raised:
        await step.execute(1)
    assert raised.value.retry_after_s == 18
    assert service.calls == 2
    assert step.failures == 2


async def test_a_success_in_between_starts_the_count_anew() -> None:
    service, clock = Service(), Clock()
    step = breaker(service, clock)
    for service.up in (False, True, False):
        await asyncio.wait([asyncio.create_task(step.execute(1))])
    assert (step.state, step.failures) == (CircuitState.CLOSED, 1)
    with pytest.raises(ConnectionError):
        await step.execute(1)


async def test_of_twenty_calls_when_half_open_one_is_let_through() -> None:
    service, clock, heard = Service(), Clock(), Heard()
    step, context = breaker(service, clock), WorkflowContext(sinks=(heard,))
    await open_it(step, context)
    clock.now += 31
    service.up = True
    service.gate.clear()
    calls = [asyncio.create_task(step.execute(number, context)) for number in range(20)]
    await asyncio.sleep(0.005)
    assert (service.calls, str(step.state)) == (3, "half-open")
    assert sum(call.done() for call in calls) == 19
    refusals = [call.exception() for call in calls if call.done()]
    assert {type(refusal) for refusal in refusals} == {CircuitOpen}
    service.gate.set()
    await asyncio.wait(calls)
    assert (service.calls, str(step.state), step.failures) == (3, "closed", 0)
    assert await step.execute(7) == 7
    assert [(event.was, event.now) for event in heard.of(CircuitChanged)] == [
        ("closed", "open"),
        ("open", "half-open"),
        ("half-open", "closed"),
    ]


async def test_of_twenty_calls_one_is_let_through_also_when_the_probe_fails() -> None:
    service, clock = Service(), Clock()
    step = breaker(service, clock)
    await open_it(step)
    for opened in (1, 2):
        clock.now += 31
        calls = [asyncio.create_task(step.execute(number)) for number in range(20)]
        await asyncio.wait(calls)
        kinds = [type(call.exception()) for call in calls]
        assert (kinds.count(ConnectionError), kinds.count(CircuitOpen)) == (1, 19)
        assert (service.calls, step.state) == (2 + opened, CircuitState.OPEN)


async def test_a_cancelled_probe_says_nothing_and_the_next_call_probes() -> None:
    service, clock = Service(), Clock()
    step = breaker(service, clock)
    await open_it(step)
    clock.now += 31
    service.gate.clear()
    probe = asyncio.create_task(step.execute(1))
    await asyncio.sleep(0.005)
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe
    service.gate.set()
    service.up = True
    assert await step.execute(1) == 1
    assert step.failures == 0


async def test_a_step_that_answers_a_cancellation_with_an_error_did_not_fail() -> None:
    failing = Failing()
    step = CircuitBreakerPrimitive(failing, failure_threshold=1)
    task = asyncio.create_task(step.execute(1))
    await failing.begun.wait()
    task.cancel()
    with pytest.raises(ConnectionError):
        await task
    assert (step.state, step.failures) == (CircuitState.CLOSED, 0)


async def test_a_probe_without_a_budget_says_nothing() -> None:
    clock = Clock()
    mock = MockPrimitive(side_effect=[OSError(), BudgetExceeded("spent"), "fine"])
    step = CircuitBreakerPrimitive(mock, failure_threshold=1, clock=clock)
    with pytest.raises(OSError, match=r"^$"):
        await step.execute(1)
    clock.now += 31
    with pytest.raises(BudgetExceeded):
        await step.execute(1)
    assert await step.execute(1) == "fine"


async def test_a_probe_that_hangs_is_given_up_and_what_it_says_later_is_old_news() -> None:
    service, clock = Service(), Clock()
    step = breaker(service, clock)
    await open_it(step)
    clock.now += 31
    service.gate.clear()
    first = asyncio.create_task(step.execute(1))
    await asyncio.sleep(0)
    clock.now += 31
    second = asyncio.create_task(step.execute(2))
    await asyncio.sleep(0)
    assert service.calls == 4
    third = asyncio.create_task(step.execute(3))
    await asyncio.wait([third])
    assert isinstance(third.exception(), CircuitOpen)
    first.cancel()
    await asyncio.wait([first])
    assert str(step.state) == "half-open"  # what the first probe says comes too late to count
    service.up = True
    service.gate.set()
    assert await second == 2
    assert str(step.state) == "closed"


async def test_a_call_that_began_before_it_opened_does_not_close_it() -> None:
    service, clock = Service(), Clock()
    step = breaker(service, clock)
    opened, shut = service.gate, asyncio.Event()
    service.gate = shut
    early = asyncio.create_task(step.execute(1))
    await asyncio.sleep(0)
    service.gate = opened
    await open_it(step)
    service.up = True
    shut.set()
    assert await early == 1
    assert (step.state, step.failures) == (CircuitState.OPEN, 2)


async def test_bugs_and_what_on_does_not_name_count_as_answers() -> None:
    for on, error in ((None, TypeError()), (OSError, KeyError())):
        mock = MockPrimitive(raise_error=error)
        step = (
            CircuitBreakerPrimitive(mock, failure_threshold=1)
            if on is None
            else CircuitBreakerPrimitive(mock, failure_threshold=1, on=on)
        )
        with pytest.raises(type(error)):
            await step.execute(1)
        assert (step.state, step.failures) == (CircuitState.CLOSED, 0)


@pytest.mark.parametrize("error", [BudgetExceeded("spent"), ConfigurationError("wrong"), RunHalted("decide")])
async def test_what_tells_nothing_about_the_service_changes_nothing(error: Exception) -> None:
    step = CircuitBreakerPrimitive(MockPrimitive(side_effect=[OSError(), error]), on=Exception)
    for _ in range(2):
        await asyncio.wait([asyncio.create_task(step.execute(1))])
    assert (step.state, step.failures) == (CircuitState.CLOSED, 1)


async def test_a_timeout_inside_counts() -> None:
    step = CircuitBreakerPrimitive(TimeoutPrimitive(Slow([60]), timeout_seconds=0.03), failure_threshold=1)
    with pytest.raises(TimeoutError):
        await step.execute(1)
    assert step.state == CircuitState.OPEN


async def test_a_retry_around_it_waits_for_the_probe() -> None:
    clock, sleep = Clock(), NoSleep()
    mock = MockPrimitive(side_effect=[OSError(), "back"])

    async def pass_time(seconds: float) -> None:
        clock.now += seconds
        await sleep(seconds)

    retry = RetryPrimitive(
        CircuitBreakerPrimitive(mock, failure_threshold=1, recovery_seconds=30, clock=clock),
        on=(OSError, CircuitOpen),
        backoff=Backoff(first_s=1, factor=1, jitter=False),
        sleep=pass_time,
    )
    assert await retry.execute(1) == "back"
    assert sleep.slept == [1, 30]


@pytest.mark.parametrize("wrong", [0, -1, math.nan])
def test_nonsense_is_refused(wrong: float) -> None:
    with pytest.raises(ConfigurationError, match="failure_threshold"):
        CircuitBreakerPrimitive(MockPrimitive(), failure_threshold=wrong)  # type: ignore[arg-type]  # wrong
    with pytest.raises(ConfigurationError, match="recovery_seconds"):
        CircuitBreakerPrimitive(MockPrimitive(), recovery_seconds=wrong)


def test_its_state_lasts_from_one_event_loop_to_the_next() -> None:
    step = CircuitBreakerPrimitive(MockPrimitive("ask", side_effect=[OSError()]), failure_threshold=1)
    with pytest.raises(OSError, match=r"^$"):
        run(step, 1)
    with pytest.raises(CircuitOpen):
        run(step, 1)
    assert repr(step) == "CircuitBreakerPrimitive(MockPrimitive('ask'), failure_threshold=1)"
    assert list(step.children) == ["step"]
