"""What is a failure of the step, and what is an outage; and what comes out of each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.learners.learned.making import CERTAIN, DAYS, asked, clerk, obedient, reflection
from tta_dev_primitives import Budget, WorkflowContext
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.store import Commit, Committed
from tta_dev_primitives.core import Event
from tta_dev_primitives.core.errors import (
    BudgetExceeded,
    CassetteError,
    CompositionError,
    ConfigurationError,
    DeadlineExceeded,
    InvalidTask,
    JournalCorrupt,
    ModelRejected,
    ModelUnavailable,
    PlaybookCorrupt,
    PlayboxError,
    RunHalted,
    SandboxCrashed,
    StoreError,
    StoreUnavailable,
)
from tta_dev_primitives.learners import Learned, LearningFailed, StepVerdict
from tta_dev_primitives.llm import Role
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import MemoryStore, ScriptedModel


def teaching() -> ScriptedModel:
    return ScriptedModel(lambda _: reflection("A parcel number is a whole number."))


def failing(
    error: BaseException,
    store: MemoryStore,
    model: ScriptedModel,
    *,
    learn_from: type[Exception] | tuple[type[Exception], ...] = (ValueError, OSError),
) -> Learned[str, int]:
    async def parse(_: str) -> int:
        raise error

    return Learned(
        parse,
        judge=lambda _in, _out: True,
        playbook=store,
        learn_from=learn_from,
        model=model,
        options=CERTAIN,
        settings=Settings(),
    )


async def test_an_invalid_task_can_be_a_failure_of_the_step_that_made_it() -> None:
    store = MemoryStore()
    with pytest.raises(InvalidTask):
        await failing(InvalidTask("a ValueError too"), store, teaching()).execute("x")
    assert len(await store.episodes()) == 1


async def test_a_declared_exception_is_learned_from_and_comes_out() -> None:
    store, model, error = MemoryStore(), teaching(), ValueError("no number: 'x'")

    with pytest.raises(ValueError, match="no number") as caught:
        await failing(error, store, model).execute("x")

    assert caught.value is error
    assert (error.__cause__, getattr(error, "__notes__", [])) == (None, [])
    (episode,) = await store.episodes()
    assert (episode.success, episode.verdict) == (False, "raised")
    assert episode.attempts[0].error_signature == "ValueError"
    (prompt,) = asked(model, Role.REFLECTOR)
    assert "# Output\nnone" in prompt
    assert "\"ValueError: no number: 'x'\"" in prompt
    assert (await store.load()).size == 1


@pytest.mark.parametrize(
    "error",
    [
        KeyError("not declared"),
        ModelUnavailable("429"),
        SandboxCrashed("the zygote died"),
        PlaybookCorrupt("a ValueError too"),
        StoreUnavailable("an OSError too"),
        DeadlineExceeded("an OSError too, as TimeoutError is"),
        BudgetExceeded("spent"),
        CompositionError("a ValueError too"),
        JournalCorrupt("a ValueError too"),
        asyncio.CancelledError(),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_nothing_else_is_learned_from(error: BaseException) -> None:
    store, model = MemoryStore(), teaching()

    with pytest.raises(type(error)) as caught:
        await failing(error, store, model).execute("x")

    assert caught.value is error
    assert await store.episodes() == ()
    assert model.requests == []


async def test_an_outage_is_none_the_less_one_when_something_else_carries_it() -> None:
    outage = ModelUnavailable("429")
    wrapped = ValueError("no answer")
    wrapped.__cause__ = OSError("while asking")
    wrapped.__cause__.__cause__ = outage
    for error in (wrapped, ExceptionGroup("of a task group", [ValueError("x"), outage])):
        store, model = MemoryStore(), teaching()
        with pytest.raises(type(error)):
            await failing(error, store, model, learn_from=(Exception,)).execute("x")
        assert (await store.episodes(), model.requests) == ((), [])


@pytest.mark.parametrize(("seconds", "learned"), [(0.05, 0), (60.0, 1)])
async def test_a_timeout_is_learned_from_only_while_there_is_time(seconds: float, learned: int) -> None:
    store, context = MemoryStore(), WorkflowContext().with_timeout(seconds)

    async def ask(_: str) -> str:
        if learned:
            raise TimeoutError("of its own")
        async with asyncio.timeout(context.seconds_left()):
            await asyncio.sleep(60)
        return "never"

    step = Learned(
        ask,
        judge=lambda _in, _out: True,
        playbook=store,
        learn_from=(OSError,),
        model=teaching(),
        settings=Settings(),
    )
    with pytest.raises(TimeoutError):
        await step.execute("x", context)
    assert len(await store.episodes()) == learned


async def test_a_failure_that_an_outage_merely_preceded_is_learned_from() -> None:
    store, error = MemoryStore(), ExceptionGroup("of a task group", [ValueError("x"), KeyError("y")])
    error.__context__ = ModelUnavailable("429, and then another model was asked")
    with pytest.raises(ExceptionGroup):
        await failing(error, store, teaching(), learn_from=(Exception,)).execute("x")
    assert len(await store.episodes()) == 1


@pytest.mark.parametrize("kind", [SandboxCrashed, ModelUnavailable, StoreError, DeadlineExceeded, RunHalted])
def test_an_outage_cannot_be_declared_a_lesson(kind: type[Exception]) -> None:
    with pytest.raises(ConfigurationError, match=f"learn_from={kind.__name__} says nothing about the step"):
        Learned(
            _same,
            judge=lambda _in, _out: True,
            playbook=MemoryStore(),
            learn_from=(kind,),
            settings=Settings(),
        )


async def test_one_type_needs_no_brackets() -> None:
    store = MemoryStore()
    with pytest.raises(ValueError, match="x"):
        await failing(ValueError("x"), store, teaching(), learn_from=ValueError).execute("x")
    assert len(await store.episodes()) == 1


def test_what_is_no_exception_cannot_be_learned_from() -> None:
    with pytest.raises(ConfigurationError, match="is no type of exception"):
        Learned(
            _same,
            judge=lambda _in, _out: True,
            playbook=MemoryStore(),
            learn_from=(asyncio.CancelledError,),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
            settings=Settings(),
        )


async def _same(data: str) -> str:
    return data


@pytest.mark.parametrize(
    "error",
    [ModelUnavailable("429"), ModelRejected("wrong key"), CassetteError("diverged")],
    ids=lambda error: type(error).__name__,
)
async def test_if_the_reflecting_model_fails_the_output_comes_out_and_the_run_counts(
    error: PlayboxError,
) -> None:
    store, seen = MemoryStore(), list[Event]()
    step = clerk(obedient(), store, reflecting=ScriptedModel(lambda _: error))

    assert await step.execute(DAYS[0], WorkflowContext(sinks=(seen.append,))) == "25/11/26"

    (failed,) = [event for event in seen if isinstance(event, LearningFailed)]
    assert (failed.error_type, failed.reason, failed.stored) == (type(error).__name__, str(error), True)
    assert (step.failures, step.last_failure) == (1, error)
    (episode,) = await store.episodes()
    assert (episode.success, episode.reflected) == (False, False)
    assert (await store.load()).size == 0


class Broken(MemoryStore):
    """A store that cannot be written, or not even read."""

    def __init__(self, *, readable: bool) -> None:
        super().__init__()
        self._readable = readable

    async def commit(self, commit: Commit) -> Committed:  # noqa: ARG002
        raise StoreUnavailable("disk full")

    async def load(self) -> Playbook:
        if not self._readable:
            raise StoreUnavailable("connection lost")
        return await super().load()


async def test_a_store_that_cannot_be_written_takes_no_output_away() -> None:
    seen = list[Event]()
    step = clerk(obedient(), Broken(readable=True))

    assert await step.execute(DAYS[0], WorkflowContext(sinks=(seen.append,))) == "25/11/26"

    (failed,) = [event for event in seen if isinstance(event, LearningFailed)]
    assert (failed.error_type, failed.reason, failed.stored) == ("StoreUnavailable", "disk full", False)
    assert step.failures == 1


async def test_a_store_that_cannot_be_read_is_told_before_the_step_runs() -> None:
    model = obedient()
    step = clerk(model, Broken(readable=False))

    with pytest.raises(StoreUnavailable, match="connection lost"):
        await step.execute(DAYS[0])
    assert model.requests == []


Judging = Callable[[str, str], Awaitable[StepVerdict]]


def judged_by(judge: Judging, store: MemoryStore) -> Learned[str, str]:
    return Learned(_same, judge=judge, playbook=store, model=teaching(), settings=Settings())


async def test_an_outage_while_judging_is_no_verdict() -> None:
    store = MemoryStore()

    async def judge(_data: str, _output: str) -> StepVerdict:
        raise SandboxCrashed("the zygote died")

    step = judged_by(judge, store)
    assert await step.execute("x") == "x"
    assert await store.episodes() == ()
    assert isinstance(step.last_failure, SandboxCrashed)


async def test_a_judge_that_takes_longer_than_there_is_time_is_no_verdict() -> None:
    store = MemoryStore()

    async def judge(_data: str, _output: str) -> StepVerdict:
        await asyncio.sleep(60)
        return StepVerdict(success=True)

    step = judged_by(judge, store)
    assert await step.execute("x", WorkflowContext().with_timeout(0.05)) == "x"
    assert await store.episodes() == ()
    assert isinstance(step.last_failure, DeadlineExceeded)


async def test_a_mistake_in_the_judge_comes_out() -> None:
    async def wrong(_data: str, _output: str) -> StepVerdict:
        raise KeyError("typo")

    with pytest.raises(KeyError, match="typo"):
        await judged_by(wrong, MemoryStore()).execute("x")

    async def no_verdict(_data: str, _output: str) -> StepVerdict:
        return "good"  # type: ignore[return-value]  # pyright: ignore[reportReturnType]

    with pytest.raises(ConfigurationError, match="the judge returned 'good'"):
        await judged_by(no_verdict, MemoryStore()).execute("x")


async def test_cancelling_while_it_learns_leaves_nothing_behind() -> None:
    store, reached = MemoryStore(), asyncio.Event()

    async def judge(_data: str, _output: str) -> StepVerdict:
        reached.set()
        await asyncio.sleep(60)
        return StepVerdict(success=True)

    task = asyncio.create_task(judged_by(judge, store).execute("x"))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await store.episodes() == ()


async def test_the_budget_of_the_context_pays_for_learning_and_its_end_takes_nothing_away() -> None:
    store, budget = MemoryStore(), Budget(calls=1)
    step = clerk(obedient(), store)

    assert await step.execute(DAYS[0], WorkflowContext(budget=budget)) == "25/11/26"

    assert isinstance(step.last_failure, BudgetExceeded)
    (episode,) = await store.episodes()
    assert (episode.reflected, episode.calls) == (False, 0)
