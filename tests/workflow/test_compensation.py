from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest

from tta_dev_primitives import LambdaPrimitive, WorkflowContext, WorkflowPrimitive, run
from tta_dev_primitives.core.errors import (
    CompositionError,
    ConfigurationError,
    DeadlineExceeded,
    RunHalted,
    RunUndone,
    StepTimeout,
    StoreUnavailable,
)
from tta_dev_primitives.testing import MockPrimitive
from tta_dev_primitives.workflow import CompensationPrimitive, Journal, StepUndone, TimeoutPrimitive
from tta_dev_primitives.workflow.compensation import Part

from .steps import Heard, Slow

In = TypeVar("In")
Out = TypeVar("Out")


class Ledger:
    """Makes steps and undos that write down what they got."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def step(self, name: str) -> MockPrimitive:
        def work(data: str) -> str:
            self.lines.append(f"{name}({data})")
            return f"{data}{name}"

        return MockPrimitive(name, side_effect=work)


def fail(data: str) -> str:
    raise ZeroDivisionError(data)


async def test_each_step_gets_the_output_of_the_one_before() -> None:
    ledger = Ledger()
    saga = CompensationPrimitive[str, str](
        [(ledger.step("a"), ledger.step("undo")), (ledger.step("b"), None)]
    )
    assert await saga.execute("") == "ab"
    assert ledger.lines == ["a()", "b(a)"]


async def test_what_was_done_is_undone_last_first_each_with_the_input_of_its_step() -> None:
    ledger, heard = Ledger(), Heard()
    saga = CompensationPrimitive[str, str](
        [
            (ledger.step("a"), ledger.step("undo a")),
            (ledger.step("b"), None),
            (ledger.step("c"), ledger.step("undo c")),
            (fail, ledger.step("undo fail")),
        ]
    )
    with pytest.raises(ZeroDivisionError, match="abc") as raised:
        await saga.execute("", WorkflowContext(sinks=(heard,)))
    assert ledger.lines == ["a()", "b(a)", "c(ab)", "undo c(ab)", "undo a()"]
    assert not hasattr(raised.value, "__notes__")
    assert [(event.step, event.undo, event.outcome) for event in heard.of(StepUndone)] == [
        ("c", "undo c", "ok"),
        ("a", "undo a", "ok"),
    ]


async def test_an_undo_that_fails_is_a_note_and_keeps_no_other_from_running() -> None:
    ledger = Ledger()
    broken = MockPrimitive("give back", raise_error=OSError("no way"))
    saga = CompensationPrimitive[str, str](
        [(ledger.step("a"), ledger.step("undo a")), (ledger.step("b"), broken), (fail, None)]
    )
    with pytest.raises(ZeroDivisionError) as raised:
        await saga.execute("")
    assert raised.value.__notes__ == ["undoing b by give back failed too: OSError: no way"]
    assert ledger.lines[-1] == "undo a()"


async def test_an_undo_sees_what_its_step_left_in_the_state() -> None:
    async def book(data: str, context: WorkflowContext) -> str:
        context.state["booking"] = "B-17"
        return data

    def cancel(data: str, context: WorkflowContext) -> None:
        cancelled.append((data, context.state["booking"]))

    cancelled: list[tuple[str, object]] = []
    with pytest.raises(ZeroDivisionError):
        await CompensationPrimitive[str, str]([(book, cancel), (fail, None)]).execute("flight")
    assert cancelled == [("flight", "B-17")]


async def test_a_cancellation_undoes_too_and_stays_a_cancellation() -> None:
    ledger, hanging = Ledger(), Slow([60])
    saga = CompensationPrimitive[str, str]([(ledger.step("a"), ledger.step("undo a")), (hanging, None)])
    task = asyncio.create_task(saga.execute(""))
    await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ledger.lines == ["a()", "undo a()"]
    assert hanging.ended == ["0 cancelled"]


async def test_a_second_cancellation_does_not_interrupt_the_undoing() -> None:
    undo = Slow([0.03])
    saga = CompensationPrimitive[str, str]([(MockPrimitive(), undo), (Slow([60]), None)])
    task = asyncio.create_task(saga.execute(""))
    for _ in range(3):
        await asyncio.sleep(0.005)
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert undo.ended == ["0 done"]


async def test_a_cancellation_while_a_failure_is_undone_is_not_lost() -> None:
    undo = Slow([0.02])
    saga = CompensationPrimitive[str, str]([(MockPrimitive(return_value="x"), undo), (fail, None)])
    task = asyncio.create_task(saga.execute(""))
    await undo.begun.acquire()
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as raised:
        await task
    assert undo.ended == ["0 done"]
    assert isinstance(raised.value.__context__, ZeroDivisionError)


async def test_it_undoes_after_the_deadline_too() -> None:
    ledger = Ledger()
    saga = CompensationPrimitive[str, str]([(ledger.step("a"), ledger.step("undo a")), (Slow([60]), None)])
    with pytest.raises(StepTimeout):
        await TimeoutPrimitive(saga, timeout_seconds=0.03).execute("")
    assert ledger.lines == ["a()", "undo a()"]

    async def late(data: str) -> str:
        await asyncio.sleep(0.06)
        return data

    saga = CompensationPrimitive[str, str]([(late, ledger.step("undo late")), (ledger.step("b"), None)])
    with pytest.raises(DeadlineExceeded):
        await saga.execute("", WorkflowContext().with_timeout(0.05))
    assert ledger.lines[-1] == "undo late()"


async def test_an_undo_that_hangs_is_cut_off() -> None:
    ledger, hanging = Ledger(), Slow([60])
    saga = CompensationPrimitive[str, str](
        [(ledger.step("a"), ledger.step("undo a")), (ledger.step("b"), hanging), (fail, None)],
        undo_timeout_seconds=0.01,
    )
    with pytest.raises(ZeroDivisionError) as raised:
        await saga.execute("")
    assert hanging.ended == ["0 cancelled"]
    assert ledger.lines[-1] == "undo a()"
    assert raised.value.__notes__ == ["undoing b by Slow failed too: TimeoutError:"]


async def test_an_undo_that_cancels_itself_keeps_no_other_from_running() -> None:
    def give_up(data: object) -> None:
        raise asyncio.CancelledError(data)

    ledger = Ledger()
    saga = CompensationPrimitive[str, str](
        [(ledger.step("a"), ledger.step("undo a")), (ledger.step("b"), give_up), (fail, None)]
    )
    with pytest.raises(ZeroDivisionError) as raised:
        await saga.execute("")
    assert ledger.lines[-1] == "undo a()"
    assert "give_up" in raised.value.__notes__[0]


async def test_sagas_nest() -> None:
    ledger = Ledger()
    inner = CompensationPrimitive[str, str]([(ledger.step("b"), ledger.step("undo b"))])
    saga = CompensationPrimitive[str, str](
        [(ledger.step("a"), ledger.step("undo a")), (inner, ledger.step("undo inner")), (fail, None)]
    )
    with pytest.raises(ZeroDivisionError):
        await saga.execute("")
    assert ledger.lines == ["a()", "b(a)", "undo inner(a)", "undo a()"]


class Noting:
    """A journal that notes undoing in the ledger, or cannot."""

    def __init__(self, ledger: Ledger, error: Exception | None = None) -> None:
        self._ledger, self._error = ledger, error

    async def perform(
        self,
        step: WorkflowPrimitive[Any, Any],
        data: In,
        context: WorkflowContext,
        work: Callable[[In, WorkflowContext], Awaitable[Out]],
    ) -> Out:
        del step
        return await work(data, context)

    async def undoing(self, context: WorkflowContext, error: BaseException) -> None:
        if self._error is not None:
            raise self._error
        self._ledger.lines.append(f"noted {type(error).__name__} at {context.path}")


async def test_a_durable_run_is_noted_as_undone_before_the_first_undo() -> None:
    ledger = Ledger()
    saga = CompensationPrimitive[str, str](
        [(ledger.step("a"), ledger.step("undo a")), (ledger.step("b"), ledger.step("undo b")), (fail, None)]
    )
    with pytest.raises(ZeroDivisionError):
        await (LambdaPrimitive(str) >> saga).execute("", WorkflowContext(journal=Noting(ledger)))
    assert ledger.lines[2:] == ["noted ZeroDivisionError at /1", "undo b(a)", "undo a()"]


async def test_a_durable_run_with_nothing_to_undo_stays_as_it_is() -> None:
    ledger = Ledger()
    saga = CompensationPrimitive[str, str]([(ledger.step("a"), None), (fail, ledger.step("undo fail"))])
    with pytest.raises(ZeroDivisionError):
        await saga.execute("", WorkflowContext(journal=Noting(ledger)))
    assert ledger.lines == ["a()"]


async def test_what_cannot_be_noted_is_not_undone() -> None:
    ledger = Ledger()
    saga = CompensationPrimitive[str, str]([(ledger.step("a"), ledger.step("undo a")), (fail, None)])
    journal = Noting(ledger, StoreUnavailable("disk full"))
    with pytest.raises(ZeroDivisionError) as raised:
        await saga.execute("", WorkflowContext(journal=journal))
    assert ledger.lines == ["a()"]
    assert raised.value.__notes__ == [
        "nothing was undone, as the journal could not note it: StoreUnavailable: disk full"
    ]


async def test_a_halted_run_is_not_undone() -> None:
    ledger = Ledger()
    halted = MockPrimitive(raise_error=RunHalted("decide"))
    saga = CompensationPrimitive[str, str]([(ledger.step("a"), ledger.step("undo a")), (halted, None)])
    with pytest.raises(RunHalted):
        await saga.execute("", WorkflowContext(journal=Noting(ledger)))
    assert ledger.lines == ["a()"]


async def test_a_saga_in_a_real_journal_cannot_be_resumed_once_it_undid(tmp_path: Path) -> None:
    ledger = Ledger()
    saga = CompensationPrimitive[str, str]([(ledger.step("a"), ledger.step("undo a")), (fail, None)])
    journal = Journal(tmp_path / "runs.db")
    with pytest.raises(ZeroDivisionError):
        await journal.run(saga, "", resume="order")
    assert ledger.lines == ["a()", "undo a()"]
    with pytest.raises(RunUndone):
        await journal.run(saga, "", resume="order")
    assert ledger.lines == ["a()", "undo a()"]


@pytest.mark.parametrize(
    "wrong", [[], None, [MockPrimitive()], [(MockPrimitive(),)], [(None, MockPrimitive())], [(1, None)], "ab"]
)
def test_what_is_no_list_of_pairs_is_refused(wrong: object) -> None:
    with pytest.raises(CompositionError, match="CompensationPrimitive takes"):
        CompensationPrimitive[str, str](cast("Sequence[tuple[Part, Part]]", wrong))


@pytest.mark.parametrize("wrong", [0, -1, math.nan, math.inf])
def test_a_nonsensical_limit_is_refused(wrong: float) -> None:
    with pytest.raises(ConfigurationError, match="undo_timeout_seconds"):
        CompensationPrimitive[str, str]([(MockPrimitive(), None)], undo_timeout_seconds=wrong)


def test_it_knows_its_parts_and_works_in_one_event_loop_after_the_other() -> None:
    a, b, undo = MockPrimitive("a", return_value=1), MockPrimitive("b", return_value=2), MockPrimitive("undo")
    saga = CompensationPrimitive[int, int]([(a, undo), (b, None)])
    assert saga.children == {"0": a, "undo-0": undo, "1": b}
    assert repr(saga) == (
        "CompensationPrimitive([(MockPrimitive('a'), MockPrimitive('undo')), (MockPrimitive('b'), None)])"
    )
    assert [run(saga, 0), run(saga, 0)] == [2, 2]
