"""What each domain learner learns: first-try success over 30 tasks with quirks, with and without a playbook.

    python benchmarks/learners.py [--record] [DOMAIN ...]

The model is scripted: what it writes depends on the strategies and results in its prompt alone. The control
arm is the same without a playbook. Programs really run; times of the performance domain are this machine's.
A task of which nobody could tell is marked `?` and not counted.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeAlias

from domains import WORLDS
from domains.world import CONTROL, LEARNING, TASKS, WINDOW, World, first_tries
from recording import RESULTS, keep

from tta_dev_primitives.ace.statistics import Estimate, difference, wilson
from tta_dev_primitives.sandbox.open import open_sandbox

_ARMS = {"with its playbook": LEARNING, "without a playbook": CONTROL}
_MARKS = {True: "x", False: ".", None: "?"}
Run: TypeAlias = Sequence[bool | None]


def change(runs: Sequence[Run]) -> Estimate:
    """Return first-try success of the last tasks minus that of the first, over all runs."""
    first = share([run[:WINDOW] for run in runs])
    return difference(first, share([run[-WINDOW:] for run in runs]))


def share(runs: Sequence[Run]) -> Estimate:
    """Return the share of tasks that the first program solved, of those that were decided."""
    decided = [solved for run in runs for solved in run if solved is not None]
    return wilson(sum(decided), len(decided))


def tell(arm: str, runs: Sequence[Run]) -> Mapping[str, object]:
    """Print the curve of an arm, ten tasks a point, and return its figures."""
    points = [share([run[at : at + WINDOW] for run in runs]) for at in range(0, TASKS, WINDOW)]
    changed = change(runs)
    curve = "  ".join(f"{p.value:5.0%} [{p.low:.0%}, {p.high:.0%}]" for p in points)
    print(f"  {arm:<20}{curve}   change {changed.value:+.0%} [{changed.low:+.0%}, {changed.high:+.0%}]")
    for run in runs:
        print("    " + "".join(_MARKS[solved] for solved in run))
    return {"curve": [asdict(point) for point in points], "change": asdict(changed)}


async def measure(world: World[Any]) -> Mapping[str, object]:
    """Run both arms of a world with each of its seeds, in one sandbox."""
    print(world.name)
    sandbox = open_sandbox("local")
    try:
        return {
            arm: tell(arm, [await first_tries(world, sandbox, seed=s, options=o) for s in range(world.seeds)])
            for arm, o in _ARMS.items()
        }
    finally:
        await sandbox.aclose()


async def main() -> None:
    chosen = [world for world in WORLDS if world.name in sys.argv[1:]] or list(WORLDS)
    figures = {world.name: {"seeds": world.seeds, **await measure(world)} for world in chosen}
    keep(__file__, {"tasks": TASKS, "window": WINDOW, "domains": {**_recorded(), **figures}})


def _recorded() -> Mapping[str, object]:
    """Return the figures of earlier runs, which stay where a domain is not run again."""
    file = RESULTS / f"{Path(__file__).stem}.json"
    return json.loads(file.read_text(encoding="utf-8"))["domains"] if file.exists() else {}


if __name__ == "__main__":
    asyncio.run(main())
