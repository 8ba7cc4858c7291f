"""What a journal costs: a run of 20 steps without one, and durably, with each step idempotent or not.

Beside them, in the same rounds, the floor: so many writes of a page with fdatasync into a file of fixed size.
The steps do nothing, so the ratio to a run without a journal says little; the cost a step is what counts.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path

from recording import keep, tell

from tta_dev_primitives import LambdaPrimitive, WorkflowPrimitive
from tta_dev_primitives.workflow import Journal

STEPS = 20
ROUNDS = 30
BYTES = 4096


def add(data: int) -> int:
    return data + 1


def chain(*, idempotent: bool) -> WorkflowPrimitive[int, int]:
    whole: WorkflowPrimitive[int, int] = LambdaPrimitive(add, idempotent=idempotent)
    for _ in range(STEPS - 1):
        whole = whole >> LambdaPrimitive(add, idempotent=idempotent)
    return whole


async def synced_writes(path: Path, times: int) -> None:
    def write() -> None:
        path.write_bytes(bytes(BYTES))
        with path.open("rb+", buffering=0) as file:
            for _ in range(times):
                os.pwrite(file.fileno(), os.urandom(BYTES), 0)
                os.fdatasync(file.fileno())

    await asyncio.to_thread(write)


class Stalls:
    """How long the event loop did not come round while something ran beside it, at most."""

    def __init__(self) -> None:
        self.longest_s = 0.0

    async def watch(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0)
            self.longest_s = max(self.longest_s, time.perf_counter() - before)


async def longest_stall(call: Callable[[], Awaitable[object]]) -> float:
    stalls = Stalls()
    watching = asyncio.create_task(stalls.watch())
    await call()
    watching.cancel()
    return stalls.longest_s


async def medians(variants: dict[str, Callable[[], Awaitable[object]]]) -> dict[str, float]:
    """Return the median seconds over rounds of each variant, interleaved so that a busy machine hits all."""
    taken: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(ROUNDS):
        for name, call in variants.items():
            start = time.perf_counter()
            await call()
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in taken.items()}


async def stalled(variants: dict[str, Callable[[], Awaitable[object]]]) -> dict[str, float]:
    taken: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(ROUNDS):
        for name, call in variants.items():
            taken[name].append(await longest_stall(call))
    return {name: statistics.median(times) for name, times in taken.items()}


async def measure(folder: Path) -> None:
    journal, ids = Journal(folder / "runs.db"), count()
    again, once = chain(idempotent=True), chain(idempotent=False)
    assert await journal.run(once, 0, resume="done") == STEPS

    async def fresh(workflow: WorkflowPrimitive[int, int]) -> None:
        assert await journal.run(workflow, 0, resume=f"run{next(ids)}") == STEPS

    found = await medians(
        {
            "without a journal": lambda: again.execute(0),
            "durable, idempotent steps": lambda: fresh(again),
            "durable, steps not to run twice": lambda: fresh(once),
            "resuming a run that is done": lambda: journal.run(once, 0, resume="done"),
            f"{STEPS} writes with fdatasync": lambda: synced_writes(folder / "page", STEPS),
        }
    )
    tell(f"a run of {STEPS} steps", found)
    per_step = {
        name: (found[f"durable, {name}"] - found["without a journal"]) / STEPS
        for name in ("idempotent steps", "steps not to run twice")
    }
    tell("what the journal adds to a step", per_step)
    stalls = await stalled(
        {"an idle event loop": lambda: asyncio.sleep(0.05), "durable": lambda: fresh(once)}
    )
    tell("the longest time in which the event loop did not come round", stalls)
    keep(
        __file__,
        {
            "median_seconds": {f"a run of {STEPS} steps": found, "what the journal adds to a step": per_step},
            "longest_stall_of_the_event_loop_s": stalls,
        },
    )


def main() -> None:
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:  # a /tmp in memory has no fsync to wait for
        asyncio.run(measure(Path(folder)))


if __name__ == "__main__":
    main()
