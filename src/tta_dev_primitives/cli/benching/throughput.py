"""Throughput: how many runs a second several callers get who ask without a rest."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from typing import Final

from .arms import Arm, Run
from .plan import Plan
from .rounds import Progress

CALLERS: Final = (1, 2, 8)

Rates = dict[str, dict[int, float]]
"""Arm -> callers -> runs a second, the median over repeats."""


async def throughput(arms: Sequence[Arm], plan: Plan, told: Progress) -> Rates:
    """Return the rates of the arms that can run in parallel, interleaved."""
    measured: dict[str, dict[int, list[float]]] = {}
    for repeat in range(plan.repeats):
        for callers in CALLERS:
            told(f"throughput {repeat + 1} of {plan.repeats}, callers: {callers}")
            for arm in arms:
                if arm.parallel is not None:
                    rates = measured.setdefault(arm.name, {}).setdefault(callers, [])
                    rates.append(await _rate(arm.parallel, callers, plan.window_s))
    return {
        name: {callers: statistics.median(rates) for callers, rates in of_arm.items()}
        for name, of_arm in measured.items()
    }


async def _rate(run: Run, callers: int, window_s: float) -> float:
    start = time.perf_counter()

    async def caller() -> int:
        """Count runs, one at least: on a busy machine the window may be over before the first begins."""
        await run()
        done = 1
        while time.perf_counter() - start < window_s:
            await run()
            done += 1
        return done

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(caller()) for _ in range(callers)]
    return sum(task.result() for task in tasks) / (time.perf_counter() - start)
