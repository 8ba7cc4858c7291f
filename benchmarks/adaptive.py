"""What the adaptive tuner gains in simulated services, where the best configuration is known.

    OPENBLAS_NUM_THREADS=1 python benchmarks/adaptive.py [--quick] [--record]

The tuner is the real one; only time is virtual, and the services are those of tuning/worlds.py. Oracle: the
best of the grid in hindsight, by a long simulation. Gap closed: (tuner - base) / (oracle - base), over the
last quarter of 4,000 requests and over all of them, probes and canaries included. The seeds of the report
were not looked at while the tuner was written.
`search` is how long a search of a full log takes, and the longest that it keeps an event loop from turning.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from random import Random
from statistics import median
from time import perf_counter

from recording import keep
from tuning.measure import Truth, figures, summary
from tuning.simulation import PLAN, REQUESTS, drive, truth
from tuning.worlds import CHANGE_AT, HARDER, HEAVY, WORLDS, request

from tta_dev_primitives.workflow.adaptive.request import Request
from tta_dev_primitives.workflow.adaptive.search import forecasts

QUICK = "--quick" in sys.argv[1:]
SEEDS = range(9_000, 9_003 if QUICK else 9_020)
DRAWS = 2_000 if QUICK else 10_000
ALL = {**WORLDS, **HARDER}
COLUMNS = ("closed_last", "closed_whole", "loss_whole", "wrong", "at_base")


def truths(name: str) -> list[Truth]:
    """Return the true mean utilities of all configurations, for each request."""
    early, late = ALL[name](0), ALL[name](REQUESTS - 1)
    before = truth(early, draws=DRAWS, seed=1)
    after = before if early == late else truth(late, draws=DRAWS, seed=1)
    return [before if number < CHANGE_AT else after for number in range(REQUESTS)]


def measured(name: str) -> dict[str, dict[str, float]]:
    known = truths(name)
    return summary([figures(drive(ALL[name], seed=seed), known) for seed in SEEDS])


async def longest_pause(log: Sequence[Request]) -> tuple[float, float]:
    """Return the seconds that a search in a thread takes, and the longest that the loop did not turn."""
    longest, began = 0.0, perf_counter()
    search = asyncio.get_running_loop().run_in_executor(None, searched, log)
    while not search.done():
        turned = perf_counter()
        await asyncio.sleep(0.0005)
        longest = max(longest, perf_counter() - turned)
    return perf_counter() - began, longest


def searched(log: Sequence[Request]) -> int:
    return len(forecasts(log, PLAN, champion=PLAN.base, seed=0))


def search() -> dict[str, float]:
    random = Random(0)  # noqa: S311  # a simulation
    log = [request(HEAVY, PLAN.base, random) for _ in range(PLAN.caution.window)]
    searched(log)
    times = [asyncio.run(longest_pause(log)) for _ in range(10)]
    return {
        "configurations": len(PLAN.choices),
        "requests": len(log),
        "median_seconds": round(median(seconds for seconds, _ in times), 4),
        "longest_loop_pause_seconds": round(max(pause for _, pause in times), 4),
    }


def tell(rows: Mapping[str, Mapping[str, Mapping[str, float]]]) -> None:
    print(f"{'':<20}{'gap':>7}" + "".join(f"{name.replace('_', ' '):>26}" for name in COLUMNS))
    for name, row in rows.items():
        cells = (f"{row[c]['mean']:8.3f} [{row[c]['low']:.3f}, {row[c]['high']:.3f}]" for c in COLUMNS)
        print(f"{name:<20}{row['gap_last']['mean']:>7.3f}" + "".join(f"{cell:>26}" for cell in cells))


def main() -> None:
    pause = search()
    print(f"search: {pause}")
    with ProcessPoolExecutor(2) as pool:
        rows = dict(zip(ALL, pool.map(measured, ALL), strict=True))
    tell(rows)
    keep(__file__, {"seeds": len(SEEDS), "requests": REQUESTS, "worlds": rows, "search": pause})


if __name__ == "__main__":
    main()
