"""What composing costs: a chain of ten steps and four branches against the same awaits written by hand.

Prints the time of each variant and its ratio to the bare one, interleaved so that a busy machine hits all.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable

from recording import record, tell

from tta_dev_primitives import LambdaPrimitive, WorkflowContext, WorkflowPrimitive
from tta_dev_primitives.core import Event

STEPS = 10
CALLS = 2_000
ROUNDS = 15


class Add(WorkflowPrimitive[int, int]):
    async def _execute(self, data: int, context: WorkflowContext) -> int:
        del context
        return data + 1


async def add(data: int) -> int:
    return data + 1


async def bare_chain(data: int) -> int:
    for _ in range(STEPS):
        data = await add(data)
    return data


async def bare_branches(data: int) -> tuple[int, ...]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(add(data)) for _ in range(4)]
    return tuple(task.result() for task in tasks)


def ignore(event: Event) -> None:
    del event


def chain(step: WorkflowPrimitive[int, int]) -> WorkflowPrimitive[int, int]:
    whole = step
    for _ in range(STEPS - 1):
        whole = whole >> step
    return whole


async def seconds(call: Callable[[], Awaitable[object]], calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        await call()
    return (time.perf_counter() - start) / calls


async def compare(
    title: str, variants: dict[str, Callable[[], Awaitable[object]]], calls: int
) -> dict[str, float]:
    """Print and return the median over rounds of each variant; the first is the reference of the ratios."""
    taken: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(ROUNDS):
        for name, call in variants.items():
            taken[name].append(await seconds(call, calls))
    medians = {name: statistics.median(times) for name, times in taken.items()}
    tell(title, medians)
    return medians


async def main() -> None:
    quiet, heard = WorkflowContext(), WorkflowContext(sinks=(ignore,))
    steps, functions = chain(Add()), chain(LambdaPrimitive(add))
    four = Add() | Add() | Add() | Add()
    assert await bare_chain(0) == await steps.execute(0, heard) == await functions.execute(0, quiet) == STEPS
    in_a_row = await compare(
        f"a chain of {STEPS} steps",
        {
            "awaits by hand": lambda: bare_chain(0),
            "primitives": lambda: steps.execute(0, quiet),
            "primitives, one sink": lambda: steps.execute(0, heard),
            "functions": lambda: functions.execute(0, quiet),
            "functions, one sink": lambda: functions.execute(0, heard),
        },
        CALLS,
    )
    side_by_side = await compare(
        "four branches",
        {
            "a TaskGroup by hand": lambda: bare_branches(0),
            "primitives": lambda: four.execute(0, quiet),
            "primitives, one sink": lambda: four.execute(0, heard),
        },
        CALLS // 5,
    )
    record(__file__, {f"a chain of {STEPS} steps": in_a_row, "four branches": side_by_side})


if __name__ == "__main__":
    asyncio.run(main())
