"""What a run in the embedded jail costs beside a bare start of the same interpreter.

Each round measures every variant once, so that all of them meet the same machine. There is a rest before
each, as between the answers of a model; runs back to back are measured apart, as throughput.

- bare: `python -I -S -c pass`, with nothing confined
- warm: a run in a spare; the program is dead and reaped when the result is there
- exit confirmed: the same, and its namespaces and disk are gone as well
- cold: a run whose limits no spare has, so a child is forked and confined for it
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from recording import record, tell

from tta_dev_primitives.sandbox import Limits, LocalSandbox
from tta_dev_primitives.sandbox.local.interpreter import base_interpreter

ROUNDS = 300
REST_S = 0.02
CALLERS = 2
RUNS_OF_A_CALLER = 150
BARE = (base_interpreter().executable, "-I", "-S", "-c", "pass")
OTHER_LIMITS = replace(Limits(), open_files=Limits().open_files + 1)

Call = Callable[[], Awaitable[object]]


async def bare() -> None:
    # Blocking, which is quicker than asyncio's subprocesses: the comparison is with the best.
    subprocess.run(BARE, check=True)  # noqa: ASYNC221, S603  # our own arguments


async def bare_in_a_thread() -> None:
    await asyncio.to_thread(subprocess.run, BARE, check=True)


async def run(sandbox: LocalSandbox, limits: Limits | None = None) -> None:
    execution = await sandbox.run_code("pass", limits=limits)
    assert execution.success


async def seconds(call: Call) -> float:
    await asyncio.sleep(REST_S)
    start = time.perf_counter()
    await call()
    return time.perf_counter() - start


async def per_run(call: Call) -> float:
    """Return the seconds that a run takes of the whole when `CALLERS` ask without a rest."""

    async def caller() -> None:
        for _ in range(RUNS_OF_A_CALLER):
            await call()

    start = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(CALLERS):
            group.create_task(caller())
    return (time.perf_counter() - start) / (CALLERS * RUNS_OF_A_CALLER)


def percentile(times: list[float], percent: int) -> float:
    return statistics.quantiles(times, n=100)[percent - 1]


async def first_run() -> float:
    """Return the seconds of a sandbox's first run: build the jail, test it, run."""
    start = time.perf_counter()
    async with LocalSandbox() as sandbox:
        await run(sandbox)
        return time.perf_counter() - start


async def main() -> None:
    async with LocalSandbox() as sandbox, LocalSandbox(confirm_exit=True) as confirming:
        calls: dict[str, Call] = {
            "bare": bare,
            "warm": lambda: run(sandbox),
            "exit confirmed": lambda: run(confirming),
            "cold": lambda: run(sandbox, OTHER_LIMITS),
        }
        for call in calls.values():
            await call()
        taken: dict[str, list[float]] = {name: [] for name in calls}
        for _ in range(ROUNDS):
            for name, call in calls.items():
                taken[name].append(await seconds(call))
        figures = {
            f"one run, p{percent}": {name: percentile(times, percent) for name, times in taken.items()}
            for percent in (50, 95, 99)
        }
        rates = {"bare": [await per_run(bare_in_a_thread)], "warm": [await per_run(lambda: run(sandbox))]}
        figures[f"{CALLERS} callers back to back, seconds a run"] = {
            name: statistics.median(times) for name, times in rates.items()
        }
    starts = [await first_run() for _ in range(10)]
    figures["a new sandbox and its first run"] = {
        "bare": figures["one run, p50"]["bare"],
        "first run": statistics.median(starts),
    }
    for title, values in figures.items():
        tell(title, values)
    record(__file__, figures)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
