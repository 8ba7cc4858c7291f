"""Rounds: every arm once in each, so that all of them meet the same machine; and what their times say.

The order is shuffled, as what an arm leaves to the background may slow the next one.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from .arms import Arm

REST_S: Final = 0.02
"""Before each run, as between the answers of a model."""
IN_A_ROW: Final = 5
"""Runs without a rest, of which the last is timed; fewer where they are slow."""
_LONGEST_ROW_S: Final = 0.1

Progress = Callable[[str], None]
"""Told what is being done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Percentiles of the seconds that `runs` runs took."""

    p50: float
    p95: float
    p99: float
    runs: int

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Times:
        """Return the percentiles of at least two times; none is outside of what was measured."""
        cuts = statistics.quantiles(seconds, n=100, method="inclusive")
        return cls(p50=cuts[49], p95=cuts[94], p99=cuts[98], runs=len(seconds))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Times of runs after a rest, when cores sleep, and of those in a row, one right after another."""

    rested: Times
    in_a_row: Times


async def interleaved(arms: Sequence[Arm], rounds: int, told: Progress) -> dict[str, Pair]:
    """Return the times of all arms; each ran once before, unmeasured, and once more before each measurement.

    For whoever uses one of them does not use the others in between, whose traces in caches are not its cost.
    """
    rested: dict[str, list[float]] = {arm.name: [] for arm in arms}
    in_a_row: dict[str, list[float]] = {arm.name: [] for arm in arms}
    for arm in arms:
        told(f"first {arm.name}")
        await arm.run()
    order = random.Random(rounds)  # noqa: S311  # no secret
    for number in range(rounds):
        told(f"round {number + 1} of {rounds}")
        for arm in order.sample(arms, len(arms)):
            # In two rounds at least, as percentiles need.
            if number % min(arm.every, rounds // 2) == 0:
                await _rested(arm)
                rested[arm.name].append(await _rested(arm))
                in_a_row[arm.name].append(await _last_in_a_row(arm))
    return {name: Pair(rested=Times.of(rested[name]), in_a_row=Times.of(in_a_row[name])) for name in rested}


async def _rested(arm: Arm) -> float:
    await asyncio.sleep(REST_S)
    return await _timed(arm)


async def _last_in_a_row(arm: Arm) -> float:
    start, taken = time.perf_counter(), await _timed(arm)
    for _ in range(IN_A_ROW - 1):
        if time.perf_counter() - start > _LONGEST_ROW_S:
            break
        taken = await _timed(arm)
    return taken


async def _timed(arm: Arm) -> float:
    if arm.own_clock is not None:
        return await arm.own_clock()
    start = time.perf_counter()
    await arm.run()
    return time.perf_counter() - start
