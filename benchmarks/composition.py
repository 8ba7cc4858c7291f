"""What composing costs: a chain of ten steps and a fan-out, against the same by hand and against peers.

    python benchmarks/composition.py [--langgraph-python PYTHON] [--record]

pydantic-graph is installed with pydantic-ai. LangGraph is not; make a place for it:

    python3 -m venv peers && peers/bin/pip install langgraph
    python benchmarks/composition.py --langgraph-python peers/bin/python

Prints the processor time of each variant, the median of its turns, and its ratio to the first. All variants
take turns of some milliseconds, so that a busy machine hits all; peers have processes of their own and wait
between their turns (`peers/chains.py`). "One sink" means that a function hears the start and the end of every
step; it is compared with LangGraph as it is, and with a handler that hears the same of it.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TypeAlias, cast

from recording import keep, tell

from tta_dev_primitives import LambdaPrimitive, ParallelPrimitive, WorkflowContext, WorkflowPrimitive
from tta_dev_primitives.core import Event

STEPS = 10
BRANCHES = 50
ROUNDS = 101
SECONDS_A_TURN = 0.01

Turn: TypeAlias = Callable[[], Awaitable[float]]
"""Seconds a run, over a turn."""


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


async def gathered(data: int) -> list[int]:
    return await asyncio.gather(*(add(data) for _ in range(BRANCHES)))


async def grouped(data: int) -> list[int]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(add(data)) for _ in range(BRANCHES)]
    return [task.result() for task in tasks]


def ignore(event: Event) -> None:
    del event


def chain(step: WorkflowPrimitive[int, int]) -> WorkflowPrimitive[int, int]:
    whole = step
    for _ in range(STEPS - 1):
        whole = whole >> step
    return whole


async def turns_of(call: Callable[[], Awaitable[object]]) -> Turn:
    """Return a turn that calls as often as fits."""
    calls = max(1, int(SECONDS_A_TURN / min([await seconds(call, 1) for _ in range(20)])))
    return lambda: seconds(call, calls)


async def seconds(call: Callable[[], Awaitable[object]], calls: int) -> float:
    start = time.process_time()
    for _ in range(calls):
        await call()
    return (time.process_time() - start) / calls


async def compare(title: str, turns: Mapping[str, Turn]) -> dict[str, float]:
    """Print and return the median over rounds of each variant; the first is the reference of the ratios."""
    taken: dict[str, list[float]] = {name: [] for name in turns}
    for _ in range(ROUNDS):
        for name, turn in turns.items():
            taken[name].append(await turn())
    medians = {name: statistics.median(times) for name, times in taken.items()}
    tell(title, medians)
    return medians


async def compare_calls(title: str, calls: Mapping[str, Callable[[], Awaitable[object]]]) -> dict[str, float]:
    return await compare(title, {name: await turns_of(call) for name, call in calls.items()})


@contextmanager
def peer(python: str, name: str) -> Generator[tuple[str, Turn]]:
    """Yield the version of a peer in a process of its own, and its turn."""
    script = Path(__file__).with_name("peers") / "chains.py"
    with subprocess.Popen(  # noqa: S603  # what the caller named
        [python, str(script), name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        asked, told = cast("IO[str]", process.stdin), cast("IO[str]", process.stdout)

        def run(calls: int) -> float:
            print(calls, file=asked, flush=True)
            return float(told.readline())

        release = told.readline().strip()
        calls = max(1, int(SECONDS_A_TURN / min(run(1) for _ in range(20))))

        async def turn() -> float:
            return run(calls)

        yield release, turn
        asked.close()


async def chains(quiet: WorkflowContext, heard: WorkflowContext) -> dict[str, float]:
    steps, functions = chain(Add()), chain(LambdaPrimitive(add))
    assert await bare_chain(0) == await steps.execute(0, heard) == await functions.execute(0, quiet) == STEPS
    return await compare_calls(
        f"a chain of {STEPS} steps",
        {
            "awaits by hand": lambda: bare_chain(0),
            "functions": lambda: functions.execute(0, quiet),
            "functions, one sink": lambda: functions.execute(0, heard),
            "primitives": lambda: steps.execute(0, quiet),
            "primitives, one sink": lambda: steps.execute(0, heard),
        },
    )


async def fan_out(quiet: WorkflowContext, heard: WorkflowContext) -> dict[str, float]:
    steps: ParallelPrimitive[int, *tuple[int, ...]] = ParallelPrimitive(*[Add()] * BRANCHES)
    functions: ParallelPrimitive[int, *tuple[int, ...]] = ParallelPrimitive(
        *[LambdaPrimitive(add)] * BRANCHES
    )
    assert await functions.execute(0, heard) == await steps.execute(0, quiet) == tuple(await gathered(0))
    return await compare_calls(
        f"{BRANCHES} branches",
        {
            "asyncio.gather": lambda: gathered(0),
            "asyncio.TaskGroup": lambda: grouped(0),
            "functions": lambda: functions.execute(0, quiet),
            "functions, one sink": lambda: functions.execute(0, heard),
            "primitives": lambda: steps.execute(0, quiet),
            "primitives, one sink": lambda: steps.execute(0, heard),
        },
    )


async def beside_peers(heard: WorkflowContext, langgraph: str | None) -> tuple[dict[str, float], list[str]]:
    """Return the medians, and the versions of the peers."""
    functions, steps = chain(LambdaPrimitive(add)), chain(Add())
    turns = {
        "functions, one sink": await turns_of(lambda: functions.execute(0, heard)),
        "primitives, one sink": await turns_of(lambda: steps.execute(0, heard)),
    }
    pythons = {"pydantic-graph": sys.executable}
    if langgraph:
        pythons |= {"langgraph": langgraph, "langgraph-hooked": langgraph}
    else:
        print("LangGraph is left out; give --langgraph-python, one that has it")
    versions = list[str]()
    with ExitStack() as stack:
        for name, python in pythons.items():
            version, turns[name] = stack.enter_context(peer(python, name))
            versions.append(f"{name} {version}")
        return await compare(f"a chain of {STEPS} steps, beside peers", turns), versions


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--langgraph-python", metavar="PYTHON", help="one that has langgraph")
    parser.add_argument("--record", action="store_true", help="keep the figures in results/")
    return parser.parse_args()


async def main() -> None:
    given = options()
    quiet, heard = WorkflowContext(), WorkflowContext(sinks=(ignore,))
    in_a_row, side_by_side = await chains(quiet, heard), await fan_out(quiet, heard)
    peers, versions = await beside_peers(heard, given.langgraph_python)
    figures = {
        f"a chain of {STEPS} steps": in_a_row,
        f"{BRANCHES} branches": side_by_side,
        f"a chain of {STEPS} steps, beside peers": peers,
    }
    keep(__file__, {"median_seconds": figures, "peers": versions})


if __name__ == "__main__":
    asyncio.run(main())
