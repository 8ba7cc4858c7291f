"""What both type checkers infer for right wiring, and refuse as wrong. Checked by test_wiring.py, never run.

A line that must be an error ends in `# wrong`; on every other line an error fails the test.
"""

from __future__ import annotations

from typing import assert_type

from tta_dev_primitives import (
    LambdaPrimitive,
    ParallelPrimitive,
    SequentialPrimitive,
    WorkflowContext,
    WorkflowPrimitive,
    run,
)


class Len(WorkflowPrimitive[str, int]):
    async def _execute(self, data: str, context: WorkflowContext) -> int:
        return len(data)


class Half(WorkflowPrimitive[float, float]):
    async def _execute(self, data: float, context: WorkflowContext) -> float:
        return data / 2


class Shout(WorkflowPrimitive[str, str]):
    async def _execute(self, data: str, context: WorkflowContext) -> str:
        return data.upper()


class Join(WorkflowPrimitive[tuple[int, str], str]):
    async def _execute(self, data: tuple[int, str], context: WorkflowContext) -> str:
        return f"{data[0]}{data[1]}"


def size(data: str) -> int:
    return len(data)


async def size_later(data: str, context: WorkflowContext) -> int:
    return len(data)


async def right(context: WorkflowContext) -> None:
    assert_type(Len() >> Half(), SequentialPrimitive[str, float])
    compatible: WorkflowPrimitive[str, float] = Len() >> Half()
    assert_type(Shout() >> Len() >> Half(), SequentialPrimitive[str, float])
    assert_type(Shout() >> (Len() >> Half()), SequentialPrimitive[str, float])
    assert_type(Len() | Shout(), ParallelPrimitive[str, int, str])
    assert_type(Len() | Shout() | Len(), ParallelPrimitive[str, int, str, int])
    assert_type(Len() | (Shout() | Len()), ParallelPrimitive[str, int, tuple[str, int]])
    assert_type((Len() | Shout()) >> Join(), SequentialPrimitive[str, str])
    assert_type(await (Len() >> Half()).execute("four", context), float)
    assert_type(await (Len() >> Half()).execute("four"), float)
    assert_type(await (Len() | Shout()).execute("four", context), tuple[int, str])
    assert_type(await (Len() | (Shout() | Len())).execute("a", context), tuple[int, tuple[str, int]])
    assert_type(run(compatible, "four"), float)
    assert_type(LambdaPrimitive(size), LambdaPrimitive[str, int])
    assert_type(LambdaPrimitive(size_later), LambdaPrimitive[str, int])
    assert_type(LambdaPrimitive(size) >> Half(), SequentialPrimitive[str, float])


async def wrong(context: WorkflowContext) -> None:
    Half() >> Len()  # wrong
    Len() >> Half() >> Shout()  # wrong
    Len() >> size  # wrong
    Len() | Half()  # wrong
    Len() | "text"  # wrong
    (Len() | Half()) >> Join()  # wrong
    (Shout() | Len()) >> Join()  # wrong
    await Len().execute(4, context)  # wrong
    await Len().execute("four", "no context")  # wrong
    run(Len(), 4)  # wrong
    LambdaPrimitive(size) >> Shout()  # wrong
    LambdaPrimitive("text")  # wrong
    context.tenant = "other"  # wrong
