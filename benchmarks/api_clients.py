"""What an API-client learner gains over thirty tasks, beside one that never gets its playbook.

    python benchmarks/api_clients.py [SEEDS] [--record]

The model is simulated (apis/mind.py): it knows what its prompt says. Programs and services really run.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

import recording
from apis.curve import ENDS, Arms, Curve, run

from tta_dev_primitives.ace.statistics import Estimate, difference, wilson
from tta_dev_primitives.sandbox import LocalSandbox

_SEEDS = 5


async def main(seeds: int) -> None:
    async with LocalSandbox() as sandbox:
        arms = [await run(seed, sandbox, control_attempts=1) for seed in range(seeds)]
    for seed, both in enumerate(arms):
        print(f"seed {seed}  learner {_row(both.learner)}  control {_row(both.control)}")
    for name, gain in _gains(arms).items():
        interval = f"{gain.value:+.2f} [{gain.low:+.2f}, {gain.high:+.2f}]"
        print(f"{name}: first try, last {ENDS} minus first {ENDS}: {interval}")
    figures = {name: {"gain": g.value, "low": g.low, "high": g.high} for name, g in _gains(arms).items()}
    recording.keep(__file__, {"seeds": seeds, "tasks": len(arms[0].learner.first_try), "first_try": figures})


def _gains(arms: Sequence[Arms]) -> dict[str, Estimate]:
    """Return what each arm gained, over all seeds."""
    return {
        "learner": _gain([both.learner for both in arms]),
        "control": _gain([both.control for both in arms]),
    }


def _gain(curves: Sequence[Curve]) -> Estimate:
    n = ENDS * len(curves)
    first = sum(sum(curve.first_try[:ENDS]) for curve in curves)
    last = sum(sum(curve.first_try[-ENDS:]) for curve in curves)
    return difference(wilson(first, n), wilson(last, n))


def _row(curve: Curve) -> str:
    return "".join("#" if ok else "." for ok in curve.first_try)


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    asyncio.run(main(numbers[0] if numbers else _SEEDS))
