"""What is done is not done again, and what must not run twice never does in silence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from tests.core.steps import Hang, Heard
from tta_dev_primitives import (
    LambdaPrimitive,
    SequentialPrimitive,
    WorkflowContext,
    WorkflowPrimitive,
)
from tta_dev_primitives.core.errors import RunInProgress, StepChanged, StepNotDone, StepOutcomeUnknown
from tta_dev_primitives.workflow import (
    ConditionalPrimitive,
    Journal,
    RouterPrimitive,
    RunSkipped,
    StepInputChanged,
    StepSkipped,
    TimeoutPrimitive,
    WorkflowChanged,
)

from .steps import Around, Counted, Repeat

LOST = ConnectionError("the line went dead")


@pytest.fixture
def counted() -> Counted:
    return Counted()


async def lost(journal: Journal, workflow: WorkflowPrimitive[int, int], data: int = 1) -> None:
    """Run a workflow that ends with the exception that it was told to raise."""
    with pytest.raises(ConnectionError) as raised:
        await journal.run(workflow, data, resume="run")
    assert raised.value is LOST


async def test_after_a_failure_only_the_rest_runs(journal: Journal, counted: Counted) -> None:
    workflow = counted.step("a") >> counted.step("b", idempotent=False) >> counted.step("c")
    counted.fail("c", LOST)
    await lost(journal, workflow)
    heard = Heard()
    assert await journal.run(workflow, 1, WorkflowContext(sinks=(heard,)), resume="run") == 4
    assert counted.calls == ["a(1)", "b(2)", "c(3)", "c(3)"]
    skipped = [event for event in heard.events if isinstance(event, StepSkipped)]
    assert [(event.run_id, event.path, event.step) for event in skipped] == [
        ("run", "/0", "a"),
        ("run", "/1", "b"),
    ]


async def test_a_run_that_is_done_runs_nothing(journal: Journal, counted: Counted) -> None:
    heard = Heard()
    workflow = counted.step("a") >> counted.step("b")
    assert await journal.run(workflow, 1, resume="run") == 3
    assert await journal.run(workflow, 1, WorkflowContext(sinks=(heard,)), resume="run") == 3
    assert counted.calls == ["a(1)", "b(2)"]
    assert heard.events == [RunSkipped(run_id="run")]


async def test_a_run_that_is_done_keeps_a_result_that_only_its_steps_tell(
    journal: Journal, counted: Counted
) -> None:
    def untyped(data: int) -> int:
        counted.calls.append("untyped")
        return data

    del untyped.__annotations__["return"]
    workflow = counted.step("a") | untyped
    assert await journal.run(workflow, 1, resume="run") == (2, 1)
    assert await journal.run(workflow, 1, resume="run") == (2, 1)
    assert sorted(counted.calls) == ["a(1)", "untyped"]


async def test_another_id_is_another_run(journal: Journal, counted: Counted) -> None:
    for name in ("one", "two"):
        await journal.run(counted.step("a"), 1, resume=name)
    assert counted.calls == ["a(1)", "a(1)"]


@pytest.mark.parametrize("idempotent", [True, None])
async def test_another_input_runs_again_and_says_so(
    journal: Journal, counted: Counted, *, idempotent: bool | None
) -> None:
    workflow = counted.step("a", idempotent=idempotent) >> counted.step("b")
    counted.fail("b", LOST)
    await lost(journal, workflow)
    heard = Heard()
    assert await journal.run(workflow, 5, WorkflowContext(sinks=(heard,)), resume="run") == 7
    assert counted.calls == ["a(1)", "b(2)", "a(5)", "b(6)"]
    (changed,) = [event for event in heard.events if isinstance(event, StepInputChanged)]
    assert (changed.path, changed.step) == ("/0", "a")
    assert changed.kept_input_hash != changed.input_hash


async def test_another_input_of_what_must_not_run_twice_is_an_error(
    journal: Journal, counted: Counted
) -> None:
    """The workflow's code has changed, so that what comes before gives something else."""
    pay, end = counted.step("pay", idempotent=False), counted.step("end")
    counted.fail("end", LOST)
    await lost(journal, counted.step("a") >> pay >> end)
    with pytest.raises(StepChanged, match=r"'pay' at '/1' of run 'run' must not run twice; it is done with"):
        await journal.run(counted.step("b", add=5) >> pay >> end, 1, resume="run")
    assert counted.calls == ["a(1)", "pay(2)", "end(3)", "b(1)"]
    assert await journal.run(counted.step("a") >> pay >> end, 1, resume="run") == 4
    assert counted.calls.count("pay(2)") == 1


async def test_another_input_of_a_run_with_such_a_step_is_an_error(
    journal: Journal, counted: Counted
) -> None:
    """Else it might take another way, past what was done."""
    workflow = counted.step("a") >> counted.step("pay", idempotent=False) >> counted.step("end")
    counted.fail("end", LOST)
    await lost(journal, workflow)
    with pytest.raises(StepChanged, match=r"has steps that must not run twice: 'pay' at '/1' \(done\)"):
        await journal.run(workflow, 5, resume="run")
    assert counted.calls == ["a(1)", "pay(2)", "end(3)"]
    journal.retry("run", "pay")
    assert await journal.run(workflow, 5, resume="run") == 8


async def test_another_input_of_a_run_that_is_done_is_an_error(journal: Journal, counted: Counted) -> None:
    await journal.run(counted.step("a"), 1, resume="run")
    with pytest.raises(StepChanged, match="is done, with another input"):
        await journal.run(counted.step("a"), 2, resume="run")
    with pytest.raises(StepChanged, match="is done, with other steps"):
        await journal.run(counted.step("a") >> counted.step("b"), 1, resume="run")
    assert counted.calls == ["a(1)"]


async def test_a_step_that_moved_is_noticed_before_anything_runs(journal: Journal, counted: Counted) -> None:
    pay, end = counted.step("pay", idempotent=False), counted.step("end")
    counted.fail("end", LOST)
    await lost(journal, pay >> end)
    with pytest.raises(StepChanged, match="'pay' at '/0'"):
        await journal.run(counted.step("new") >> pay >> end, 1, resume="run")
    with pytest.raises(StepChanged, match="'pay' at '/0'"):
        await journal.run(counted.step("pay2", idempotent=False) >> end, 1, resume="run")
    assert counted.calls == ["pay(1)", "end(2)"]


async def test_a_step_that_moved_inside_another_is_noticed(journal: Journal, counted: Counted) -> None:
    pay, end = counted.step("pay", idempotent=False), counted.step("end")
    counted.fail("end", LOST)
    await lost(journal, Around(pay >> end, times=1))
    with pytest.raises(StepChanged, match="'pay' at '/inside/0'"):
        await journal.run(Around(pay, times=1) >> end, 1, resume="run")
    with pytest.raises(StepChanged, match="'pay' at '/inside/0'"):
        await journal.run(Around(pay, times=1), 1, resume="run")


class Paying(WorkflowPrimitive[int, int]):
    """A step that runs another one within its own work."""

    def __init__(self, pay: WorkflowPrimitive[int, int]) -> None:
        self._pay = pay

    async def _execute(self, data: int, context: WorkflowContext) -> int:
        return await self._pay.execute(data, context)


def within(step: WorkflowPrimitive[int, int]) -> WorkflowPrimitive[int, int]:
    return Paying(step) >> LambdaPrimitive(float) >> LambdaPrimitive(int)


def as_condition(step: WorkflowPrimitive[int, int]) -> WorkflowPrimitive[int, int]:
    return ConditionalPrimitive(step, LambdaPrimitive(int))


def in_time(step: WorkflowPrimitive[int, int]) -> WorkflowPrimitive[int, int]:
    return TimeoutPrimitive(step, timeout_seconds=60)


@pytest.mark.parametrize(
    ("inside", "around"),
    [
        (SequentialPrimitive, in_time),
        (SequentialPrimitive, Around),
        (within, in_time),
        (within, Around),
        (as_condition, in_time),
    ],
)
async def test_a_workflow_that_another_step_was_put_around_is_noticed(
    journal: Journal,
    counted: Counted,
    inside: Callable[[WorkflowPrimitive[int, int]], WorkflowPrimitive[int, int]],
    around: Callable[[WorkflowPrimitive[int, int]], WorkflowPrimitive[int, int]],
) -> None:
    workflow = inside(counted.step("pay", idempotent=False)) >> counted.step("end")
    counted.fail("end", LOST)
    await lost(journal, workflow)
    calls = list(counted.calls)
    with pytest.raises(StepChanged, match="'pay' at '/0"):
        await journal.run(around(workflow), 1, resume="run")
    assert counted.calls == calls


async def test_an_idempotent_step_that_moved_is_told(journal: Journal, counted: Counted) -> None:
    counted.fail("b", LOST)
    await lost(journal, counted.step("a") >> counted.step("b"))
    heard = Heard()
    workflow = counted.step("new") >> counted.step("a") >> counted.step("b")
    assert await journal.run(workflow, 1, WorkflowContext(sinks=(heard,)), resume="run") == 4
    assert WorkflowChanged(run_id="run", steps=("'a' at '/0'",)) in heard.events


async def test_a_step_may_be_appended_to_a_run_that_failed(journal: Journal, counted: Counted) -> None:
    workflow = counted.step("a", idempotent=False) >> counted.step("b")
    counted.fail("b", LOST)
    await lost(journal, workflow)
    assert await journal.run(workflow >> counted.step("c", idempotent=False), 1, resume="run") == 4
    assert counted.calls == ["a(1)", "b(2)", "b(2)", "c(3)"]


async def test_what_raised_is_unknown_the_next_time(journal: Journal, counted: Counted) -> None:
    workflow = counted.step("pay", idempotent=False) >> counted.step("end")
    counted.fail("pay", LOST)
    await lost(journal, workflow)
    for _ in range(2):
        with pytest.raises(
            StepOutcomeUnknown, match="it raised ConnectionError: the line went dead"
        ) as raised:
            await journal.run(workflow, 1, resume="run")
        assert "journal.settle('run', '/0', result=...)" in str(raised.value)
    assert counted.calls == ["pay(1)"]


async def test_a_step_that_says_nothing_happened_may_run_again(journal: Journal, counted: Counted) -> None:
    class Declined(StepNotDone):
        pass

    workflow = Around(counted.step("pay", idempotent=False), catching=StepNotDone) >> counted.step("end")
    counted.fail("pay", Declined("no funds"))
    assert await journal.run(workflow, 1, resume="run") == 3
    assert counted.calls == ["pay(1)", "pay(1)", "end(2)"]
    assert [step.name for step in journal.show("run")] == ["pay", "end"]


async def test_only_the_step_itself_can_say_that_nothing_happened(journal: Journal, counted: Counted) -> None:
    inner = counted.step("inner", idempotent=False)

    async def outer(data: int, context: WorkflowContext) -> int:
        counted.calls.append("outer")
        return await inner.execute(data, context)

    counted.fail("inner", StepNotDone())
    workflow = Around(LambdaPrimitive(outer, idempotent=False), catching=StepNotDone)
    with pytest.raises(StepOutcomeUnknown, match="'outer'"):
        await journal.run(workflow, 1, resume="run")
    assert counted.calls == ["outer", "inner(1)"]


async def test_an_exception_may_hold_half_a_character(journal: Journal, counted: Counted) -> None:
    counted.fail("pay", LookupError("\ud800"))
    with pytest.raises(LookupError):
        await journal.run(counted.step("pay", idempotent=False), 1, resume="run")
    assert journal.show("run")[0].error == "LookupError: \\ud800"


async def test_a_retry_around_it_does_not_repeat_in_silence(journal: Journal, counted: Counted) -> None:
    counted.fail("pay", LOST)
    workflow = Around(counted.step("pay", idempotent=False), catching=ConnectionError)
    with pytest.raises(StepOutcomeUnknown):
        await journal.run(workflow, 1, resume="run")
    assert counted.calls == ["pay(1)"]


@pytest.mark.parametrize("idempotent", [True, None])
async def test_a_retry_around_another_step_is_one_execution(
    journal: Journal, counted: Counted, *, idempotent: bool | None
) -> None:
    workflow = Around(counted.step("a", idempotent=idempotent)) >> counted.step("b")
    counted.fail("a", LOST)
    counted.fail("b", LOST)
    await lost(journal, workflow)
    assert await journal.run(workflow, 1, resume="run") == 3
    assert counted.calls == ["a(1)", "a(1)", "b(2)", "b(2)"]


async def test_a_halted_run_starts_nothing_more(journal: Journal, counted: Counted) -> None:
    """A step around that catches everything, as a fallback may, does not go on in place of a decision."""
    workflow = (
        Around(counted.step("pay", idempotent=False), times=1, otherwise=0)
        >> Around(counted.step("next"), times=1, otherwise=0)
        >> counted.step("last")
    )
    counted.fail("pay", LOST)
    counted.fail("last", LOST)
    await lost(journal, workflow)
    for _ in range(2):
        with pytest.raises(StepOutcomeUnknown, match="'pay'"):
            await journal.run(workflow, 1, resume="run")
    assert counted.calls == ["pay(1)", "next(0)", "last(1)"]


async def test_a_halt_that_was_caught_comes_out_in_the_end(journal: Journal, counted: Counted) -> None:
    counted.fail("pay", LOST)
    workflow = Around(counted.step("pay", idempotent=False), times=2, otherwise=0)
    with pytest.raises(StepOutcomeUnknown):
        await journal.run(workflow, 1, resume="run")
    assert [run.status for run in journal.runs()] == ["failed"]


@pytest.mark.parametrize("feeding", [True, False])
@pytest.mark.parametrize("idempotent", [True, None, False])
async def test_a_loop_executes_its_step_each_time(
    journal: Journal, counted: Counted, *, idempotent: bool | None, feeding: bool
) -> None:
    body = counted.step("body", idempotent=idempotent)
    workflow = Repeat(body, times=3, feeding=feeding) >> counted.step("end")
    counted.fail("end", LOST)
    await lost(journal, workflow)
    executed = list(counted.calls)
    assert len(executed) == 4
    assert await journal.run(workflow, 1, resume="run") == (5 if feeding else 3)
    assert counted.calls == [*executed, executed[-1]]


async def test_a_loop_gets_its_results_in_their_order(journal: Journal, counted: Counted) -> None:
    def number(data: int) -> int:
        counted.calls.append(str(data))
        return len(counted.calls)

    workflow = Repeat(LambdaPrimitive(number, idempotent=False), times=3) >> counted.step("end", add=0)
    counted.fail("end", LOST)
    await lost(journal, workflow)
    assert await journal.run(workflow, 1, resume="run") == 3


async def test_a_loop_goes_on_where_it_was(journal: Journal, counted: Counted) -> None:
    class Third(LookupError):
        pass

    body = counted.step("body", idempotent=True) >> counted.step("check", add=0)
    workflow = Repeat(body, times=3, feeding=True)
    await journal.run(counted.step("warm"), 0, resume="other")
    counted.calls.clear()
    counted.fail("check", Third())
    with pytest.raises(Third):
        await journal.run(workflow, 1, resume="run")
    assert await journal.run(workflow, 1, resume="run") == 4
    assert counted.calls == ["body(1)", "check(2)", "check(2)", "body(2)", "check(3)", "body(3)", "check(4)"]


async def test_branches_are_kept_each_by_itself(journal: Journal, counted: Counted) -> None:
    left = counted.step("left", idempotent=False)
    right = Around(counted.step("right", idempotent=False), times=1)
    workflow = (left | right) >> LambdaPrimitive(sum_of, name="sum") >> counted.step("end")
    counted.fail("end", LOST)
    await lost(journal, workflow)
    assert await journal.run(workflow, 1, resume="run") == 5
    assert sorted(counted.calls) == ["end(4)", "end(4)", "left(1)", "right(1)"]


def sum_of(both: tuple[int, int]) -> int:
    return sum(both)


async def test_a_cancelled_step_counts_as_begun(journal: Journal) -> None:
    hang = Hang()

    async def wait(data: int) -> int:
        return await hang.execute(data)

    workflow = LambdaPrimitive(wait, idempotent=False)
    running = asyncio.create_task(journal.run(workflow, 1, resume="run"))
    await hang.started.wait()
    assert [run.status for run in journal.runs()] == ["running"]
    with pytest.raises(RunInProgress, match="'run'"):
        await journal.run(workflow, 1, resume="run")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert [run.status for run in journal.runs()] == ["interrupted"]
    with pytest.raises(StepOutcomeUnknown, match="the process ended before it did"):
        await journal.run(workflow, 1, resume="run")


async def test_steps_that_a_step_runs_inside_itself_are_kept_too(journal: Journal, counted: Counted) -> None:
    pay = counted.step("pay", idempotent=False)

    class Whole(WorkflowPrimitive[int, int]):
        async def _execute(self, data: int, context: WorkflowContext) -> int:
            paid = await pay.execute(data, context)
            counted.calls.append("whole")
            if len(counted.calls) == 2:
                raise LOST
            return paid

    await lost(journal, Whole())
    assert await journal.run(Whole(), 1, resume="run") == 2
    assert counted.calls == ["pay(1)", "whole", "whole"]


async def test_names_with_slashes_are_places_of_their_own(journal: Journal, counted: Counted) -> None:
    inner = RouterPrimitive({"b": counted.step("deep")}, lambda _: "b")
    routes = RouterPrimitive({"a/b": counted.step("flat"), "a": inner}, lambda data: "a/b" if data else "a")
    workflow = routes >> counted.step("end")
    counted.fail("end", LOST)
    await lost(journal, workflow, 5)
    heard = Heard()
    assert await journal.run(workflow, 5, WorkflowContext(sinks=(heard,)), resume="run") == 7
    assert counted.calls == ["flat(5)", "end(6)", "end(6)"]
    assert not [event for event in heard.events if isinstance(event, WorkflowChanged)]
    assert [event.path for event in heard.events if isinstance(event, StepSkipped)] == ["/0/?", "/0/a~1b"]
