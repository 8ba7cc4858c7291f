"""Whether 40 invented libraries keep their promises: every program of every task, in the sandbox.

The environment of each seed is made. For each of its 16 tasks the informed program, the naive one and each
informed one that misses a single quirk run with both editions of the data.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter

from recording import keep

from tta_dev_primitives.ace.content import tokens
from tta_dev_primitives.bench.environments import make_environment
from tta_dev_primitives.bench.environments.checking import check
from tta_dev_primitives.sandbox.open import open_sandbox

SEEDS = range(1, 41)


async def main() -> None:
    sandbox = open_sandbox("local")
    programs, broken, gold = 0, list[str](), list[int]()
    families, sizes, seconds = Counter[str](), Counter[int](), 0.0
    for seed in SEEDS:
        start = time.process_time()
        environment = make_environment(seed)
        seconds += time.process_time() - start
        checked = await check(environment, sandbox)
        programs += checked.programs
        broken += [f"seed {seed}: {line}" for line in checked.broken]
        gold.append(tokens("\n".join(environment.gold)))
        families.update(quirk.family for quirk in environment.quirks)
        sizes.update(len(task.families) for task in (*environment.train, *environment.test))
    await sandbox.aclose()
    tasks = sum(sizes.values())
    print(f"{len(SEEDS)} environments, {tasks} tasks, {programs} runs, {len(broken)} broken promises")
    print(f"tasks by quirks needed: {dict(sorted(sizes.items()))}; most tokens of gold: {max(gold)}")
    print(f"libraries with each family: {dict(sorted(families.items()))}")
    print(f"making one takes {seconds / len(SEEDS):.2f} s of CPU")
    print(*broken, sep="\n")
    keep(
        __file__,
        {
            "environments": len(SEEDS),
            "tasks_by_quirks_needed": {str(size): count for size, count in sorted(sizes.items())},
            "runs": programs,
            "broken": broken,
            "gold_tokens": {"least": min(gold), "most": max(gold)},
            "libraries_with_family": dict(sorted(families.items())),
            "cpu_seconds_to_make_one": seconds / len(SEEDS),
        },
    )
    assert not broken


if __name__ == "__main__":
    asyncio.run(main())
