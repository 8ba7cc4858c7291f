"""The adaptive step as a user meets it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.full_disk import room_for
from tests.workflow.adaptive.kept import Kept
from tests.workflow.steps import Heard
from tta_dev_primitives import LambdaPrimitive, WorkflowContext
from tta_dev_primitives.core.errors import CompositionError, ConfigurationError, StepTimeout
from tta_dev_primitives.core.events import SpanStarted
from tta_dev_primitives.workflow import RetryAttempt
from tta_dev_primitives.workflow.adaptive import (
    AdaptivePrimitive,
    Caution,
    Configuration,
    ConfigurationProposed,
    Mode,
    Promoted,
    RolledBack,
    TunerStopped,
    Utility,
)

BASE = Configuration(timeout_s=5.0, retries=1, backoff_s=0.001)
NEVER_AGAIN = Configuration(timeout_s=5.0, retries=0, backoff_s=0.001)
UTILITY = Utility(per_second=0.01, per_call=0.2)
QUICK = Caution(window=200, every=20, canary=(20, 40), patience=200)


class Service:
    """Refuses two of three inputs for good, so that a retry is a call wasted."""

    def __init__(self) -> None:
        self.calls = 0
        self.refuses: Callable[[int], bool] = lambda number: number % 3 > 0

    async def __call__(self, number: int) -> int:
        self.calls += 1
        await asyncio.sleep(0)
        if self.refuses(number):
            raise ConnectionError(number)
        return number


def adaptive(  # noqa: PLR0913  # what differs between the tests
    service: Callable[[int], Awaitable[int]],
    mode: Mode = "active",
    *,
    file: Path | str | None = None,
    stop_file: Path | str | None = None,
    base: Configuration = BASE,
    idempotent: bool | None = None,
    candidates: tuple[Configuration, ...] | None = (NEVER_AGAIN,),
    utility: Utility = UTILITY,
) -> AdaptivePrimitive[int, int]:
    step = LambdaPrimitive[int, int](service, name="service", idempotent=idempotent)
    return AdaptivePrimitive(
        step,
        base=base,
        utility=utility,
        on=ConnectionError,
        mode=mode,
        candidates=candidates,
        caution=QUICK,
        file=file,
        stop_file=stop_file,
        seed=1,
    )


async def ask(step: AdaptivePrimitive[int, int], count: int, *heard: Heard) -> None:
    """Ask `count` times, ten at once."""

    async def once(number: int) -> None:
        with suppress(ConnectionError):
            assert await step.execute(number, WorkflowContext(sinks=heard)) == number

    for start in range(0, count, 10):
        async with asyncio.TaskGroup() as group:
            for number in range(start, min(start + 10, count)):
                group.create_task(once(number))
        await asyncio.sleep(0.002)  # or searches that run in a thread would never be taken in


async def until(step: AdaptivePrimitive[int, int], wanted: Configuration, *heard: Heard) -> None:
    async with asyncio.timeout(60):
        while step.configuration != wanted:
            await ask(step, 60, *heard)


async def test_it_learns_that_retries_are_wasted_and_tells_why() -> None:
    heard = Heard()
    with adaptive(Service()) as step:
        await until(step, NEVER_AGAIN, heard)
        assert [event.configuration for event in heard.of(Promoted)] == [str(NEVER_AGAIN)]
        assert heard.of(ConfigurationProposed)[0].low_gain > 0
        text = str(step.explain())
        assert text.startswith(f"service: {NEVER_AGAIN}")
        assert json.loads(step.explain().json())["champion"] == str(NEVER_AGAIN)


async def test_observe_proposes_and_never_acts() -> None:
    service, heard = Service(), Heard()
    with adaptive(service, "observe") as step:
        while not heard.of(ConfigurationProposed):
            await ask(step, 30, heard)
        assert step.configuration == BASE
        service.calls = 0
        await ask(step, 30)
        assert service.calls == 30 + 20, "20 are refused, and asked once more each"


async def test_disabled_only_tries_as_the_base_says() -> None:
    service = Service()
    with adaptive(service, "disabled") as step:
        await ask(step, 300)
        assert service.calls == 300 + 200
        assert step.explain().seen == 0


async def test_validate_promotes_when_told_to() -> None:
    with adaptive(Service(), "validate") as step:
        with pytest.raises(ConfigurationError, match="nothing waits"):
            step.approve()
        while step.explain().awaiting_approval is None:
            await ask(step, 60)
        assert step.configuration == BASE
        step.approve()
        assert step.configuration == NEVER_AGAIN


async def test_a_change_for_the_worse_brings_the_base_back() -> None:
    service, heard = Service(), Heard()
    with adaptive(service) as step:
        await until(step, NEVER_AGAIN, heard)
        service.refuses = lambda _number: True
        async with asyncio.timeout(60):
            while not heard.of(RolledBack):
                await ask(step, 30, heard)
        assert heard.of(RolledBack)[0].instead_of == str(NEVER_AGAIN)


async def test_stop_brings_the_base_back_at_once_until_resume() -> None:
    service, heard = Service(), Heard()
    with adaptive(service) as step:
        await until(step, NEVER_AGAIN)
        step.stop("an incident")
        assert step.configuration == BASE
        service.calls = 0
        await ask(step, 30, heard)
        assert service.calls == 50
        assert heard.of(TunerStopped)[0].reason == "an incident"
        assert "stopped: an incident" in str(step.explain())
        step.resume()
        await ask(step, 30)
        assert step.explain().seen > 0


async def test_a_file_stops_it_while_it_exists(tmp_path: Path) -> None:
    stop, service = tmp_path / "stop", Service()
    with adaptive(service, stop_file=stop) as step:
        await until(step, NEVER_AGAIN)
        stop.touch()
        service.calls = 0
        await ask(step, 30)
        assert (service.calls, step.configuration) == (50, BASE)
        seen = step.explain().seen
        stop.unlink()
        await ask(step, 30)
        assert step.explain().seen == seen + 30


async def test_a_stop_file_that_cannot_be_looked_for_stops_it_and_not_the_step(tmp_path: Path) -> None:
    with adaptive(Service(), stop_file=tmp_path / ("long" * 100)) as step:
        await ask(step, 30)
        assert step.explain().seen == 0
        assert "cannot be looked for: File name too long" in str(step.explain())


async def test_the_setting_names_such_a_file_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYBOX_ADAPTIVE_STOP", str(tmp_path / "stop"))
    (tmp_path / "stop").touch()
    with adaptive(Service()) as step:
        await ask(step, 30)
        assert step.explain().seen == 0


async def test_what_was_learned_survives_the_process(tmp_path: Path) -> None:
    with adaptive(Service(), file=tmp_path / "log") as step:
        await until(step, NEVER_AGAIN)
        seen = step.explain().seen
    with adaptive(Service(), file=tmp_path / "log") as again:
        assert again.configuration == NEVER_AGAIN
        assert again.explain().seen == seen
    with adaptive(Service(), file=tmp_path / "log", candidates=()) as other:
        assert other.configuration == BASE, "what is no candidate any more is not used"


@pytest.mark.parametrize("mode", ["observe", "disabled"])
async def test_what_was_promoted_is_not_in_use_in_a_mode_that_never_acts(mode: Mode, tmp_path: Path) -> None:
    with adaptive(Service(), file=tmp_path / "log") as step:
        await until(step, NEVER_AGAIN)
    heard = Heard()
    with adaptive(Service(), mode, file=tmp_path / "log") as again:
        assert again.configuration == BASE
        assert again.explain().champion == str(BASE)
        await ask(again, 200, heard)
    assert {event.instead_of for event in heard.of(ConfigurationProposed)} == (
        {str(BASE)} if mode == "observe" else set()
    )


async def test_its_files_can_be_named_as_text_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    file = str(tmp_path / "logs" / "service.log")
    with adaptive(Service(), file=file, stop_file=str(tmp_path / "stop")) as step:
        await ask(step, 10)
        (tmp_path / "stop").touch()
        await ask(step, 10)
    with adaptive(Service(), file=file) as again:
        assert again.explain().seen == 10


def test_a_file_that_cannot_be_opened_is_told_by_name(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r"file=.*file/log' cannot be used: "):
        adaptive(Service(), file=tmp_path / "file" / "log")
    with pytest.raises(ConfigurationError, match=r"cannot be used: .*directory"):
        adaptive(Service(), file=tmp_path)


async def test_what_was_promoted_for_another_utility_is_not_in_use(tmp_path: Path) -> None:
    with adaptive(Service(), file=tmp_path / "log") as step:
        await until(step, NEVER_AGAIN)
    with adaptive(Service(), file=tmp_path / "log", utility=Utility(per_second=0.5, per_call=0)) as other:
        assert other.configuration == BASE
        assert other.explain().remembered > 0, "what happened is as true as before"


def test_two_event_loops_one_after_the_other() -> None:
    with adaptive(Service()) as step:
        for _ in range(2):
            asyncio.run(ask(step, 200))
        assert step.explain().seen == 400


async def test_timeouts_are_retried_and_the_last_comes_out() -> None:
    async def slow(number: int) -> int:
        await asyncio.sleep(60)
        return number

    base = Configuration(timeout_s=0.01, retries=1, backoff_s=0.001)
    with adaptive(slow, base=base, candidates=()) as step:
        with pytest.raises(StepTimeout) as caught:
            await step.execute(1)
        assert "try 1 of 2" in caught.value.__notes__[0]
        assert step.explain().success == 0


_ONE_ATTEMPT = ("attempt at service", "TimeoutPrimitive", "call of service", "service")


async def test_each_call_of_the_step_is_one_span_of_its_name() -> None:
    heard = Heard()
    with adaptive(Service()) as step, suppress(ConnectionError):
        await step.execute(1, WorkflowContext(sinks=(heard,)))
    names = [span.name for span in heard.of(SpanStarted)]
    assert names == ["AdaptivePrimitive", "RetryPrimitive", *_ONE_ATTEMPT * 2]
    assert {attempt.step for attempt in heard.of(RetryAttempt)} == {"attempt at service"}


async def test_a_cancelled_request_says_nothing() -> None:
    async def slow(number: int) -> int:
        await asyncio.sleep(60)
        return number

    with adaptive(slow) as step:
        task = asyncio.create_task(step.execute(1))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (step.explain().seen, step.explain().unlogged) == (0, 1)


async def test_a_request_short_of_time_says_nothing_however_it_ends() -> None:
    with adaptive(Service()) as step:
        assert await step.execute(0, WorkflowContext().with_timeout(BASE.longest_s - 1)) == 0
        assert (step.explain().seen, step.explain().unlogged) == (0, 1)
        await step.execute(0, WorkflowContext().with_timeout(BASE.longest_s + 60))
        assert step.explain().seen == 1


async def test_a_hedge_overtakes_a_slow_call() -> None:
    calls = 0

    async def slow_at_first(number: int) -> int:
        nonlocal calls
        calls += 1
        await asyncio.sleep(60 if calls == 1 else 0)
        return number

    base = Configuration(timeout_s=30, retries=0, hedge_after_s=0.01)
    with adaptive(slow_at_first, base=base, idempotent=True, candidates=()) as step:
        assert await step.execute(3) == 3
        assert calls == 2


def test_what_is_not_known_to_be_idempotent_is_not_asked_twice_at_once() -> None:
    hedged = Configuration(timeout_s=5, retries=0, hedge_after_s=1)
    with pytest.raises(CompositionError, match="does not say that it is idempotent"):
        adaptive(Service(), candidates=(hedged,))


def test_what_is_not_idempotent_is_never_tried_again() -> None:
    with pytest.raises(ConfigurationError, match="set retries=0"):
        adaptive(Service(), idempotent=False)
    step = adaptive(Service(), idempotent=False, base=NEVER_AGAIN, candidates=None)
    assert all(one.retries == 0 for one in step.candidates)
    assert all(one.hedge_after_s is None for one in step.candidates)


@pytest.mark.parametrize("mode", ["on", ""])
def test_an_unknown_mode_is_refused(mode: str) -> None:
    with pytest.raises(ConfigurationError, match="choose one of disabled, observe, validate, active"):
        adaptive(Service(), mode)  # type: ignore[arg-type]


async def test_closed_it_still_runs_under_the_base(tmp_path: Path) -> None:
    with adaptive(Service(), file=tmp_path / "log") as step:
        await ask(step, 30)
    assert await step.execute(3) == 3
    assert "stopped: it was closed" in str(step.explain())


async def test_a_full_disk_stops_the_tuner_and_not_the_step(tmp_path: Path) -> None:
    heard = Heard()
    with adaptive(Service(), file=tmp_path / "log") as step:
        await ask(step, 10, heard)
        with room_for(100, tmp_path / "log"):
            await ask(step, 30, heard)
        assert "its file cannot be written" in heard.of(TunerStopped)[0].reason
        assert step.configuration == BASE
    with adaptive(Service(), file=tmp_path / "log") as again:
        assert again.explain().remembered >= 10


async def test_the_file_stays_small_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with adaptive(Service(), "observe", file=path) as step:
        await ask(step, 2100)
        text = str(step.explain())
    assert path.read_bytes().count(b"\n") < 10 * QUICK.window
    with adaptive(Service(), "observe", file=path) as again:
        assert again.explain().remembered == QUICK.window
        assert again.explain().seen == 2100
        assert "2100" in text


@pytest.mark.parametrize(
    "base",
    [NEVER_AGAIN, Configuration(timeout_s=5, retries=2, hedge_after_s=1)],
    ids=str,
)
async def test_in_a_durable_run_the_step_stands_at_one_place_and_teaches_nothing(base: Configuration) -> None:
    kept, service = Kept(), Service()
    with adaptive(service, base=base, idempotent=True, candidates=()) as step:
        for _ in range(2):
            assert await step.execute(3, WorkflowContext(journal=kept)) == 3
        assert (list(kept.done), service.calls) == (["/step"], 1)
        assert step.explain().seen == 0
