"""What the evidence layer achieves in simulated worlds, where the truth is known (see evidence/worlds.py).

    OPENBLAS_NUM_THREADS=1 python benchmarks/evidence_sim.py [--quick] [--record]

Policies: success when runs show what the evidence favours, against showing everything that was ever learned.
Peeking: how often a strategy that does nothing gets a badge if one looks after every run. Means over seeds,
with standard errors. One thread a process is several times faster: the matrices are small.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, fields
from functools import partial

from evidence.peeking import Seen, coins, company, naive, pairs, streams
from evidence.policies import POLICIES, Figures, figures
from evidence.worlds import MIXES
from recording import keep

QUICK = "--quick" in sys.argv[1:]
SEEDS = 4 if QUICK else 40
LENGTHS = (150,) if QUICK else (150, 600)
STREAMS = 100 if QUICK else 1000
RUNS = 400
PEEKING = {
    "no effect, Beta posterior > .95": partial(naive, uplift=0.0, length=RUNS),
    "no effect, bets on coins": partial(coins, uplift=0.0, length=RUNS),
    "no effect, replays": partial(pairs, uplift=0.0, length=RUNS),
    "no effect, blocks with helpful company": partial(company, length=RUNS, marginal=False),
    "the same, had bets used marginal odds": partial(company, length=RUNS, marginal=True),
    "uplift .2, bets on coins": partial(coins, uplift=0.2, length=RUNS),
    "uplift .2, replays": partial(pairs, uplift=0.2, length=RUNS),
    "uplift .3, bets on coins": partial(coins, uplift=0.3, length=RUNS),
    "uplift .3, replays": partial(pairs, uplift=0.3, length=RUNS),
}


def summary(results: list[Figures]) -> dict[str, dict[str, float]]:
    """Return mean and standard error of each figure."""
    told = dict[str, dict[str, float]]()
    for name in (field.name for field in fields(Figures)):
        values = [float(getattr(result, name)) for result in results]
        error = statistics.stdev(values) / len(values) ** 0.5
        told[name] = {"mean": round(statistics.mean(values), 4), "standard_error": round(error, 4)}
    return told


def tell_policies(title: str, rows: Mapping[str, Mapping[str, Mapping[str, float]]]) -> None:
    names = [field.name for field in fields(Figures)]
    print(f"\n{title}\n{'':<32}" + "".join(f"{name.replace('_', ' '):>16}" for name in names))
    for policy, told in rows.items():
        cells = (f"{told[name]['mean']:.3f} ±{told[name]['standard_error']:.3f}" for name in names)
        print(f"  {policy:<30}" + "".join(f"{cell:>16}" for cell in cells))


def tell_peeking(rows: Mapping[str, Seen]) -> None:
    print(f"\nbadges seen within {RUNS} looks{'':<18}{'share':>8}{'median looks':>15}")
    for name, one in rows.items():
        runs = "-" if one.runs is None else f"{one.runs:.0f}"
        print(f"  {name:<42}{one.badges:>8.3f}{runs:>15}")


def main() -> None:
    policies: dict[str, object] = {}
    with ProcessPoolExecutor() as pool:
        for length in LENGTHS:
            for mix, counts in MIXES.items():
                rows = {
                    name: summary(
                        list(
                            pool.map(
                                partial(figures, mix=counts, length=length, options=options), range(SEEDS)
                            )
                        )
                    )
                    for name, options in POLICIES.items()
                }
                title = f"{mix}, {length} tasks, {SEEDS} seeds"
                tell_policies(title, rows)
                policies[title] = rows
        found = dict(zip(PEEKING, pool.map(streams, PEEKING.values(), [STREAMS] * len(PEEKING)), strict=True))
    tell_peeking(found)
    peeking = {name: asdict(one) for name, one in found.items()}
    keep(__file__, {"policies": policies, "peeking": {"streams": STREAMS, "looks": RUNS, "badges": peeking}})


if __name__ == "__main__":
    main()
