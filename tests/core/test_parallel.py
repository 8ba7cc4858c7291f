from __future__ import annotations

import asyncio
import threading

import pytest

from tta_dev_primitives import LambdaPrimitive, ParallelPrimitive, WorkflowContext, WorkflowPrimitive
from tta_dev_primitives.core.errors import CompositionError

from .steps import Add, Fail, Hang, Put, Show


async def test_outputs_come_in_branch_order() -> None:
    async def slow(data: int) -> str:
        await asyncio.sleep(0.01)
        return f"slow {data}"

    assert await (LambdaPrimitive(slow) | Add() | Show()).execute(1, WorkflowContext()) == (
        "slow 1",
        2,
        "<1>",
    )


async def test_branches_run_side_by_side() -> None:
    barrier = asyncio.Barrier(3)

    async def meet(data: int) -> int:
        await barrier.wait()
        return data

    step = LambdaPrimitive(meet)
    assert await (step | step | step).execute(7, WorkflowContext()) == (7, 7, 7)


async def test_parentheses_nest() -> None:
    context = WorkflowContext()
    assert await (Add(1) | Add(2) | Add(3)).execute(0, context) == (1, 2, 3)
    assert await ((Add(1) | Add(2)) | Add(3)).execute(0, context) == (1, 2, 3)
    assert await (Add(1) | (Add(2) | Add(3))).execute(0, context) == (1, (2, 3))
    assert await ((Add(1) | Add(2)) | (Add(3) | Add(4))).execute(0, context) == (1, 2, (3, 4))


async def test_each_branch_has_a_copy_of_the_state() -> None:
    lock = threading.Lock()  # cannot be copied deeply; nothing here may try
    context = WorkflowContext(state={"lock": lock})
    seen: list[dict[str, object]] = []

    def look(data: int, context: WorkflowContext) -> int:
        seen.append(context.state)
        return data

    await ((Put("a") >> LambdaPrimitive(look)) | (Put("b") >> LambdaPrimitive(look))).execute(1, context)
    assert seen == [{"lock": lock, "a": 1}, {"lock": lock, "b": 1}]
    assert context.state == {"lock": lock}


async def test_a_failure_cancels_the_siblings_and_comes_out_plain() -> None:
    hang = Hang()
    with pytest.raises(ZeroDivisionError, match="mine") as raised:
        await (hang | Fail(lambda: ZeroDivisionError("mine"), turns=3)).execute(1, WorkflowContext())
    assert hang.cancelled
    assert not hasattr(raised.value, "__notes__")


async def test_failures_of_siblings_become_notes() -> None:
    broken = (
        Fail(lambda: KeyError("first")) | Fail(lambda: ValueError("second")) | Fail(lambda: OSError("third"))
    )
    with pytest.raises(KeyError) as raised:
        await broken.execute(1, WorkflowContext())
    assert raised.value.__notes__ == [
        "a sibling branch failed too: ValueError: second",
        "a sibling branch failed too: OSError: third",
    ]


async def test_a_failure_keeps_its_own_cause() -> None:
    cause = OSError("below")

    def failing(data: int) -> int:
        raise ValueError(data) from cause

    with pytest.raises(ValueError, match="1") as raised:
        await (LambdaPrimitive(failing) | Add()).execute(1, WorkflowContext())
    assert raised.value.__cause__ is cause
    assert raised.value.__context__ is cause or raised.value.__context__ is None


async def test_a_group_raised_by_a_branch_stays_a_group() -> None:
    group = ExceptionGroup("mine", [ValueError("one")])
    with pytest.raises(ExceptionGroup) as raised:
        await (Add() | Fail(lambda: group)).execute(1, WorkflowContext())
    assert raised.value is group


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_cancels_the_siblings_and_comes_out(kind: type[BaseException]) -> None:
    async def interrupted() -> bool:
        hang = Hang()
        try:
            await (hang | Fail(kind, turns=2)).execute(1, WorkflowContext())
        finally:
            assert hang.cancelled
        raise AssertionError

    with pytest.raises(kind):
        asyncio.run(interrupted())


async def test_cancelling_from_outside_cancels_every_branch() -> None:
    one, other = Hang(), Hang()
    task = asyncio.create_task((one | other).execute(1, WorkflowContext()))
    await one.started.wait()
    await other.started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert one.cancelled
    assert other.cancelled


async def test_a_timeout_from_outside_is_a_timeout() -> None:
    hang = Hang()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await (Add() | hang).execute(1, WorkflowContext())
    assert hang.cancelled


@pytest.mark.parametrize("operand", [None, 3, "Add", (Add(), Add())])
def test_only_primitives_functions_and_dicts_compose(operand: object) -> None:
    for step in (Add(), Add() | Add()):
        with pytest.raises(CompositionError, match=r"\| takes primitives, functions and dicts of them, not "):
            step | operand  # type: ignore[operator]
        with pytest.raises(CompositionError, match=r"\| takes primitives, functions and dicts of them, not "):
            operand | step  # type: ignore[operator]
    with pytest.raises(CompositionError):
        ParallelPrimitive(operand)  # type: ignore[arg-type]


def test_repr_shows_the_grouping() -> None:
    assert repr(Add(1) | Add(2) | Add(3)) == "Add(1) | Add(2) | Add(3)"
    assert repr(Add(1) | (Add(2) | Add(3))) == "Add(1) | (Add(2) | Add(3))"


def test_a_primitive_must_implement_its_step() -> None:
    class Nothing(WorkflowPrimitive[int, int]):
        pass

    with pytest.raises(TypeError, match="_execute"):
        Nothing()  # type: ignore[abstract]
