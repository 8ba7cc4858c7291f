from __future__ import annotations

import asyncio
import math

import pytest

from tta_dev_primitives import LambdaPrimitive, WorkflowContext, run
from tta_dev_primitives.core.errors import CompositionError, ConfigurationError
from tta_dev_primitives.testing import MockPrimitive
from tta_dev_primitives.workflow import HedgePrimitive, HedgeTry, TimeoutPrimitive

from .steps import Heard, Slow


class Race:
    """The first try ends once the second has started, the others once the first has ended.

    Each returns text or raises an error; None never ends.
    """

    def __init__(self, *ends: str | Exception | None) -> None:
        self._ends = ends
        self._second_started, self._first_ended = asyncio.Event(), asyncio.Event()
        self.started = 0
        step = LambdaPrimitive(self._run, idempotent=True)
        self.hedged = HedgePrimitive(step, after_s=0.002, most=len(ends))

    async def _run(self, data: int) -> str:
        del data
        number, self.started = self.started, self.started + 1
        if number == 0:
            await self._second_started.wait()
            asyncio.get_running_loop().call_later(0.001, self._first_ended.set)
        else:
            self._second_started.set()
            await self._first_ended.wait()
        end = self._ends[number]
        if end is None:
            await asyncio.Event().wait()
        if isinstance(end, Exception):
            raise end
        return str(end)


async def test_a_quick_answer_is_asked_for_once() -> None:
    step = Slow([0, 0])
    assert await HedgePrimitive(step, after_s=60).execute(1) == "answer 0"
    assert step.started == 1


async def test_a_second_try_overtakes_a_slow_one_which_is_cancelled_and_has_ended() -> None:
    step, heard = Slow([60, 0]), Heard()
    assert await HedgePrimitive(step, after_s=0.01).execute(1, WorkflowContext(sinks=(heard,))) == "answer 1"
    assert step.ended == ["1 done", "0 cancelled"]
    second, first = heard.of(HedgeTry)
    assert (first.number, first.outcome) == (1, "cancelled")
    assert first.started_after_s < second.started_after_s
    assert (second.number, second.outcome, second.most, second.step) == (2, "ok", 2, "Slow")
    assert second.started_after_s >= 0.009
    assert first.seconds > second.seconds


async def test_the_first_can_still_win() -> None:
    race = Race("answer", None)
    assert await race.hedged.execute(1) == "answer"
    assert race.started == 2


async def test_at_most_as_many_as_said_are_started() -> None:
    step = Slow([60, 60, 0.01])
    assert await HedgePrimitive(step, after_s=0.002, most=3).execute(1) == "answer 2"
    assert step.started == 3


async def test_one_that_fails_leaves_it_to_the_other() -> None:
    race = Race(OSError("first"), "answer")
    assert await race.hedged.execute(1) == "answer"


async def test_one_that_fails_does_not_end_the_wait_for_the_next_start() -> None:
    race = Race(OSError("first"), None, "answer")
    assert await race.hedged.execute(1) == "answer"
    assert race.started == 3


async def test_a_failure_starts_no_other_try() -> None:
    step = MockPrimitive(side_effect=[OSError("refused"), 1], idempotent=True)
    with pytest.raises(OSError, match="refused"):
        await HedgePrimitive(step, after_s=0.01).execute(1)
    step.assert_called_once()


async def test_when_all_fail_the_first_error_comes_out_with_the_others_as_notes() -> None:
    race = Race(OSError("first"), OSError("second"))
    with pytest.raises(OSError, match="first") as raised:
        await race.hedged.execute(1)
    assert raised.value.__notes__ == ["another try failed too: OSError: second"]


@pytest.mark.parametrize("said", [False, None])
def test_a_step_that_does_not_say_it_is_idempotent_is_refused(*, said: bool | None) -> None:
    with pytest.raises(CompositionError, match="idempotent=True"):
        HedgePrimitive(MockPrimitive(idempotent=said), after_s=1)


def test_a_step_of_idempotent_steps_is_idempotent() -> None:
    sure = MockPrimitive(idempotent=True)
    assert HedgePrimitive(sure >> TimeoutPrimitive(sure, timeout_seconds=1), after_s=1).idempotent
    with pytest.raises(CompositionError):
        HedgePrimitive(sure >> MockPrimitive(), after_s=1)


async def test_a_cancellation_reaches_all_tries() -> None:
    step = Slow([60, 60])
    task = asyncio.create_task(HedgePrimitive(step, after_s=0.002).execute(1))
    for _ in range(2):
        await step.begun.acquire()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sorted(step.ended) == ["0 cancelled", "1 cancelled"]


async def test_a_try_that_is_cancelled_by_its_own_doing_cancels_all() -> None:
    async def give_up(data: int) -> None:
        raise asyncio.CancelledError(data)

    with pytest.raises(asyncio.CancelledError):
        await HedgePrimitive(LambdaPrimitive(give_up, idempotent=True), after_s=60).execute(1)


async def test_what_is_no_exception_comes_out_itself() -> None:
    class Abort(BaseException):
        pass

    async def abort(data: int) -> None:
        raise Abort(data)

    with pytest.raises(Abort) as raised:
        await HedgePrimitive(LambdaPrimitive(abort, idempotent=True), after_s=60).execute(1)
    assert raised.value.__context__ is None


async def test_only_what_the_winner_wrote_into_the_state_is_kept() -> None:
    context = WorkflowContext(state={"before": 1})
    await HedgePrimitive(Slow([60, 0]), after_s=0.005).execute(1, context)
    assert context.state == {"before": 1, "seen": (1,)}


@pytest.mark.parametrize("wrong", [0, -1, math.nan, math.inf, None])
def test_a_nonsensical_delay_is_refused(wrong: float) -> None:
    with pytest.raises(ConfigurationError, match="after_s"):
        HedgePrimitive(MockPrimitive(idempotent=True), after_s=wrong)


@pytest.mark.parametrize("wrong", [1, 0, -1, 2.5, True])
def test_a_nonsensical_number_of_tries_is_refused(wrong: int) -> None:
    with pytest.raises(ConfigurationError, match="most"):
        HedgePrimitive(MockPrimitive(idempotent=True), after_s=1, most=wrong)


def test_one_instance_works_in_one_event_loop_after_the_other() -> None:
    hedge = HedgePrimitive(Slow([60, 0, 60, 0]), after_s=0.005)
    assert [run(hedge, 1), run(hedge, 1)] == ["answer 1", "answer 3"]


def test_it_shows_what_it_is_around() -> None:
    hedge = HedgePrimitive(MockPrimitive("ask", idempotent=True), after_s=0.5)
    assert repr(hedge) == "HedgePrimitive(MockPrimitive('ask'), after_s=0.5, most=2)"
