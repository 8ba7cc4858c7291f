from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import cast

import pytest

from tta_dev_primitives import Budget, LambdaPrimitive, WorkflowContext, run
from tta_dev_primitives.core import Spend
from tta_dev_primitives.core.errors import (
    BudgetExceeded,
    CircuitOpen,
    CompositionError,
    ConfigurationError,
    StepTimeout,
)
from tta_dev_primitives.testing import MockPrimitive
from tta_dev_primitives.workflow import Backoff, RetryAttempt, RetryPrimitive, TimeoutPrimitive
from tta_dev_primitives.workflow.chosen_errors import Errors

from .steps import Failing, Heard, NoSleep, Slow, Writing


def is_os_error(error: Exception) -> bool:
    return isinstance(error, OSError)


FLAT = Backoff(first_s=1, factor=1, most_s=1, jitter=False)


async def test_it_runs_again_until_it_succeeds() -> None:
    step = MockPrimitive(side_effect=[OSError("one"), OSError("two"), "fine"])
    assert await RetryPrimitive(step, on=OSError, sleep=NoSleep()).execute("in") == "fine"
    assert [call.data for call in step.calls] == ["in"] * 3


async def test_the_last_error_comes_out_itself_with_the_earlier_ones_as_notes() -> None:
    errors = [OSError("one"), ConnectionError("two"), OSError("three")]
    with pytest.raises(OSError, match="three") as raised:
        await RetryPrimitive(MockPrimitive(side_effect=errors), on=OSError, sleep=NoSleep()).execute(1)
    assert raised.value is errors[2]
    first, second = raised.value.__notes__
    assert first.startswith("try 1 of 3")
    assert first.endswith("OSError: one")
    assert second.endswith("ConnectionError: two")
    assert raised.value.__context__ is None
    assert raised.value.__cause__ is None


@pytest.mark.parametrize("on", [OSError, (KeyError, OSError), is_os_error])
async def test_only_what_on_names_is_retried(on: Errors) -> None:
    step = MockPrimitive(side_effect=[OSError(), ValueError("a bug"), "never"])
    with pytest.raises(ValueError, match="a bug"):
        await RetryPrimitive(step, on=on, sleep=NoSleep()).execute(1)
    assert step.call_count == 2


@pytest.mark.parametrize("error", [BudgetExceeded("spent"), ConfigurationError("wrong")])
async def test_what_cannot_pass_is_not_retried_even_on_exception(error: Exception) -> None:
    step = MockPrimitive(raise_error=error)
    with pytest.raises(type(error)):
        await RetryPrimitive(step, on=Exception, sleep=NoSleep()).execute(1)
    step.assert_called_once()


@pytest.mark.parametrize(
    "on",
    [(), BaseException, asyncio.CancelledError, (OSError, KeyboardInterrupt), OSError(), "OSError", None],
)
def test_on_must_name_exceptions_that_may_be_caught(on: Errors) -> None:
    with pytest.raises(ConfigurationError, match="on="):
        RetryPrimitive(MockPrimitive(), on=on)


def test_an_async_predicate_is_refused_as_it_would_always_be_true() -> None:
    async def always(error: Exception) -> bool:
        return bool(error)

    with pytest.raises(ConfigurationError, match="plain function"):
        RetryPrimitive(MockPrimitive(), on=cast("Callable[[Exception], bool]", always))


@pytest.mark.parametrize("wrong", [0, -1, 1.5, math.nan, True])
def test_a_nonsensical_number_of_attempts_is_refused(wrong: int) -> None:
    with pytest.raises(ConfigurationError, match="attempts"):
        RetryPrimitive(MockPrimitive(), on=OSError, attempts=wrong)


async def test_one_attempt_is_no_retry() -> None:
    step = MockPrimitive(raise_error=ConnectionError)
    with pytest.raises(ConnectionError):
        await RetryPrimitive(step, on=OSError, attempts=1).execute(1)
    step.assert_called_once()


async def test_waits_are_drawn_from_the_seed() -> None:
    async def slept(seed: int) -> list[float]:
        sleep = NoSleep()
        step = RetryPrimitive(
            MockPrimitive(side_effect=[OSError(), OSError(), OSError(), 1]),
            on=OSError,
            attempts=4,
            backoff=Backoff(first_s=1, factor=2),
            seed=seed,
            sleep=sleep,
        )
        await step.execute(1)
        return sleep.slept

    first = await slept(1)
    assert first == await slept(1) != await slept(2)
    assert all(0 <= wait <= ceiling for wait, ceiling in zip(first, (1, 2, 4), strict=True))


async def test_it_waits_as_long_as_the_error_asks_and_the_jitter_on_top() -> None:
    sleep = NoSleep()
    step = MockPrimitive(side_effect=[CircuitOpen("open", retry_after_s=7), 1])
    await RetryPrimitive(step, on=CircuitOpen, backoff=FLAT, sleep=sleep).execute(1)
    assert sleep.slept == [8]


async def test_a_function_can_tell_how_long_to_wait() -> None:
    sleep = NoSleep()
    step = MockPrimitive(side_effect=[OSError("wait 5"), 1])
    retry = RetryPrimitive(
        step,
        on=OSError,
        backoff=FLAT,
        retry_after=lambda error: float(str(error).split()[1]),
        sleep=sleep,
    )
    await retry.execute(1)
    assert sleep.slept == [6]


@pytest.mark.parametrize("nonsense", [math.nan, -5.0, "soon", None, True])
async def test_a_nonsensical_wish_to_wait_is_ignored(nonsense: object) -> None:
    error, sleep = OSError(), NoSleep()
    error.retry_after_s = nonsense  # type: ignore[attr-defined]  # as another library might
    step = MockPrimitive(side_effect=[error, 1])
    await RetryPrimitive(step, on=OSError, backoff=FLAT, sleep=sleep).execute(1)
    assert sleep.slept == [1]


@pytest.mark.parametrize("asked", [61.0, math.inf])
async def test_who_asks_for_more_patience_than_allowed_is_not_waited_for(asked: float) -> None:
    heard, sleep = Heard(), NoSleep()
    step = MockPrimitive(raise_error=CircuitOpen("open", retry_after_s=asked))
    with pytest.raises(CircuitOpen):
        await RetryPrimitive(step, on=CircuitOpen, sleep=sleep).execute(1, WorkflowContext(sinks=(heard,)))
    assert sleep.slept == []
    assert heard.of(RetryAttempt)[0].ended_by == "retry_after"


async def test_it_never_sleeps_past_the_deadline() -> None:
    heard, sleep = Heard(), NoSleep()
    context = WorkflowContext(sinks=(heard,)).with_timeout(60)
    backoff = Backoff(first_s=40, most_s=100, jitter=False)
    step = MockPrimitive(side_effect=[OSError("one"), OSError("two"), "never"])
    with pytest.raises(OSError, match="two"):
        await RetryPrimitive(step, on=OSError, backoff=backoff, sleep=sleep).execute(1, context)
    assert sleep.slept == [40]  # 80 would not fit
    assert [event.ended_by for event in heard.of(RetryAttempt)] == ["", "deadline"]


async def test_it_does_not_run_again_without_a_budget() -> None:
    budget, heard = Budget(calls=1), Heard()

    def spend(data: int) -> None:
        del data
        budget.settle(budget.reserve(Spend(calls=1)), Spend(calls=1))
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await RetryPrimitive(LambdaPrimitive(spend), on=Exception, sleep=NoSleep()).execute(
            1, WorkflowContext(budget=budget, sinks=(heard,))
        )
    assert [event.ended_by for event in heard.of(RetryAttempt)] == ["budget"]


async def test_a_step_that_must_not_run_twice_is_refused_unless_asked_for() -> None:
    step = MockPrimitive("charge", side_effect=[OSError(), 1], idempotent=False)
    with pytest.raises(CompositionError, match="repeat_non_idempotent=True"):
        RetryPrimitive(step, on=OSError)
    with pytest.raises(CompositionError, match="not idempotent"):
        RetryPrimitive(LambdaPrimitive(str) >> step, on=OSError)
    retry = RetryPrimitive(step, on=OSError, repeat_non_idempotent=True, sleep=NoSleep())
    assert await retry.execute(1) == 1
    assert retry.idempotent is False


async def test_every_try_is_an_event() -> None:
    heard = Heard()
    step = TimeoutPrimitive(Slow([60, 0]), timeout_seconds=0.03)
    retry = RetryPrimitive(step, on=StepTimeout, backoff=FLAT, sleep=NoSleep())
    assert await retry.execute(1, WorkflowContext(sinks=(heard,))) == "answer 1"
    first, second = heard.of(RetryAttempt)
    assert (first.step, first.call, first.attempt, first.attempts) == ("TimeoutPrimitive", 1, 1, 3)
    assert (first.outcome, first.error_type, first.ended_by) == ("timeout", "StepTimeout", "")
    assert first.seconds > 0.005
    assert (first.waited_s, second.waited_s) == (0, 1)
    assert (second.attempt, second.outcome, second.error_type, second.ended_by) == (2, "ok", "", "success")


async def test_a_cancellation_reaches_the_step_and_is_no_failure() -> None:
    heard, step = Heard(), Slow([60, 0])
    retry = RetryPrimitive(step, on=Exception, sleep=NoSleep())
    task = asyncio.create_task(retry.execute(1, WorkflowContext(sinks=(heard,))))
    await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert step.ended == ["0 cancelled"]
    assert [(event.outcome, event.ended_by) for event in heard.of(RetryAttempt)] == [
        ("cancelled", "cancellation")
    ]


async def test_a_step_that_answers_a_cancellation_with_an_error_is_not_run_again() -> None:
    heard, step = Heard(), Failing()
    retry = RetryPrimitive(step, on=ConnectionError, sleep=NoSleep())
    task = asyncio.create_task(retry.execute(1, WorkflowContext(sinks=(heard,))))
    await step.begun.wait()
    task.cancel()
    with pytest.raises(ConnectionError):
        await task
    assert step.calls == 1
    assert [event.ended_by for event in heard.of(RetryAttempt)] == ["cancellation"]


async def test_a_step_that_answers_its_timeout_with_an_error_is_run_again() -> None:
    step = Failing()
    timed = TimeoutPrimitive(step, timeout_seconds=0.005)
    with pytest.raises(ConnectionError):
        await RetryPrimitive(timed, on=ConnectionError, sleep=NoSleep()).execute(1)
    assert step.calls == 3


async def test_a_cancellation_ends_a_wait_between_tries() -> None:
    step = MockPrimitive(raise_error=OSError)
    backoff = Backoff(first_s=60, most_s=60, jitter=False)
    task = asyncio.create_task(RetryPrimitive(step, on=OSError, backoff=backoff).execute(1))
    await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    step.assert_called_once()


async def test_what_a_failed_try_wrote_into_the_state_is_dropped() -> None:
    context = WorkflowContext(state={"before": 1})
    await RetryPrimitive(Writing(failures=2), on=OSError, sleep=NoSleep()).execute(1, context)
    assert context.state == {"before": 1, "seen": (2,)}
    with pytest.raises(OSError, match="down"):
        await RetryPrimitive(Writing(failures=9), on=OSError, sleep=NoSleep()).execute(1, context)
    assert context.state == {"before": 1, "seen": (2,)}


async def test_retries_nest() -> None:
    step = MockPrimitive(raise_error=ConnectionError)
    inner = RetryPrimitive(step, on=OSError, attempts=2, sleep=NoSleep())
    with pytest.raises(ConnectionError):
        await RetryPrimitive(inner, on=OSError, attempts=3, sleep=NoSleep()).execute(1)
    assert step.call_count == 6


def test_one_instance_works_in_one_event_loop_after_the_other() -> None:
    step = MockPrimitive(side_effect=[OSError(), 1, OSError(), 2])
    retry = RetryPrimitive(step, on=OSError, backoff=Backoff(first_s=0.001))
    assert [run(retry, 0), run(retry, 0)] == [1, 2]


def test_it_shows_what_it_is_around() -> None:
    retry = RetryPrimitive(MockPrimitive("ask"), on=OSError)
    assert repr(retry) == "RetryPrimitive(MockPrimitive('ask'), attempts=3)"
    assert list(retry.children) == ["step"]


def test_an_operand_that_is_no_step_is_refused() -> None:
    with pytest.raises(CompositionError, match="RetryPrimitive takes"):
        RetryPrimitive(cast("MockPrimitive", 7), on=OSError)
