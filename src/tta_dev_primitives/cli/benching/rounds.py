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
"""Before each run, as between the answers of a model; at once after it comes another one, timed apart."""

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
    """Times of runs after a rest, when caches are cold and cores asleep, and of those at once after them."""

    rested: Times
    at_once: Times


async def interleaved(arms: Sequence[Arm], rounds: int, told: Progress) -> dict[str, Pair]:
    """Return the times of all arms; each ran once before, unmeasured."""
    rested: dict[str, list[float]] = {arm.name: [] for arm in arms}
    at_once: dict[str, list[float]] = {arm.name: [] for arm in arms}
    for arm in arms:
        told(f"first {arm.name}")
        await arm.run()
    order = random.Random(rounds)  # noqa: S311  # no secret
    for number in range(rounds):
        told(f"round {number + 1} of {rounds}")
        for arm in order.sample(arms, len(arms)):
            # In two rounds at least, as percentiles need.
            if number % min(arm.every, rounds // 2) == 0:
                await asyncio.sleep(REST_S)
                rested[arm.name].append(await _timed(arm))
                at_once[arm.name].append(await _timed(arm))
    return {name: Pair(rested=Times.of(rested[name]), at_once=Times.of(at_once[name])) for name in rested}


async def _timed(arm: Arm) -> float:
    if arm.own_clock is not None:
        return await arm.own_clock()
    start = time.perf_counter()
    await arm.run()
    return time.perf_counter() - start
