"""Ten thousand mixed runs in a row: do they leave a process, a file, a descriptor, a mount, or memory behind?

    python benchmarks/endurance/leaks.py [--runs 10000] [--tier landlock] [--record]

One zygote serves them all, which it would not otherwise. Every few hundred runs all is let come to rest and
counted. Judged against the first count after `WARM_UP` runs: counts must be the same, memory must not have
grown by more than the tolerances below.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import dataclasses
import gc
import os
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from recording import keep
from tests.sandbox.processes import adopt_orphans, descendants, families

from tta_dev_primitives.sandbox import Execution, Isolation, Limits, LocalSandbox

AT_ONCE: Final = 4
SAMPLES: Final = 20
CALM: Final = 5
"""So many looks in a row must find the same processes."""
WARM_UP: Final = 0.1
"""This share of the runs fills caches and pools."""
TOLERANCES: Final = {"host_memory": 4 << 20, "zygote_memory": 1 << 20, "slot_memory": 1 << 20}
LIMITS: Final = Limits(wall_s=5.0, cpu_s=5, memory_bytes=256 << 20)
CANCELLED_AFTER_S: Final = 0.03

PLAIN: Final = "print(sum(range(1000)))"
ENDLESS: Final = "while True: pass"
THREADS: Final = "import threading as t; [t.Thread(target=print).start() for _ in range(9)]"
FORKS: Final = """
import os, time
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        time.sleep(60)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of run, and how often it comes beside the others."""

    name: str
    code: str
    weight: int
    limits: Limits = LIMITS
    cancelled: bool = False
    tiers: tuple[Isolation, ...] = (Isolation.NAMESPACES, Isolation.LANDLOCK)


KINDS: Final = (
    Kind(name="success", code=PLAIN, weight=40),
    Kind(name="error", code="def f(n): return 1 // n\nf(0)", weight=15),
    Kind(name="files", code="for n in range(50): open(f'f{n}', 'wb').write(bytes(9999))", weight=10),
    Kind(name="timeout", code=ENDLESS, weight=4, limits=replace(LIMITS, wall_s=0.1)),
    Kind(name="memory", code="x = bytearray(1 << 30)", weight=5),
    Kind(name="output flood", code="while True: print('x' * 9999)", weight=5),
    Kind(name="other limits", code=PLAIN, weight=5, limits=replace(LIMITS, open_files=99)),
    Kind(name="crash", code="import os; os.abort()", weight=4),
    Kind(name="threads", code=THREADS, weight=4),
    Kind(name="cancelled", code=ENDLESS, weight=5, cancelled=True),
    Kind(
        name="forks",
        code=FORKS,
        weight=3,
        limits=replace(LIMITS, processes=8),
        tiers=(Isolation.NAMESPACES,),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What is there while nothing runs, after `runs` runs. Memory in bytes."""

    runs: int
    host_memory: int
    zygote_memory: int
    slot_memory: int
    """Of the largest."""
    host_descriptors: int
    zygote_descriptors: int
    runs_alive: int
    files: int
    mounts: int


async def measured(sandbox: LocalSandbox, runs: int) -> Sample:
    """Let all come to rest, and count."""
    await rest(sandbox)
    give_back()
    (family,) = families()
    return Sample(
        runs=runs,
        host_memory=memory(os.getpid()),
        zygote_memory=memory(family.zygote),
        slot_memory=max(map(memory, family.slots), default=0),
        host_descriptors=descriptors(os.getpid()),
        # How many slots wait idle, each with two of them, depends on what was at once.
        zygote_descriptors=descriptors(family.zygote) - 2 * len(family.slots),
        runs_alive=len(family.runs),
        files=files(),
        mounts=mounts(),
    )


async def rest(sandbox: LocalSandbox) -> None:
    """Wait until the processes stay the same for a while: no run, and all spares there."""
    await sandbox.run_code(PLAIN)
    before, calm = list[int](), 0
    while calm < CALM:
        await asyncio.sleep(0.1)
        now = sorted(descendants(os.getpid()))
        before, calm = now, calm + 1 if now == before else 0


def give_back() -> None:
    """Free what is garbage, and return to the kernel what the allocator keeps after large outputs."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def memory(process: int) -> int:
    """Return what is resident, to the page; where only root may know that, as the kernel estimates it."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="utf-8")
    except PermissionError:
        estimate = Path(f"/proc/{process}/statm").read_text(encoding="utf-8").split()[1]
        return int(estimate) * os.sysconf("SC_PAGESIZE")
    (line,) = (line for line in text.splitlines() if line.startswith("Rss:"))
    return int(line.split()[1]) << 10


def files() -> int:
    """Return how many files and directories are in temporary directories of sandboxes."""
    tops = Path(tempfile.gettempdir()).glob("playbox-*")
    return sum(len(below) + len(names) for top in tops for _, below, names in os.walk(top))


def mounts() -> int:
    """Return how many mounts the host sees."""
    return len(Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines())


def descriptors(process: int) -> int:
    """Return how many are open, 0 where only root may know."""
    try:
        return len(list(Path(f"/proc/{process}/fd").iterdir()))
    except PermissionError:
        return 0


async def one(sandbox: LocalSandbox, kind: Kind, seen: Counter[str]) -> None:
    """Make one run and count how it ended."""
    task = asyncio.create_task(sandbox.run_code(kind.code, limits=kind.limits))
    if kind.cancelled:
        await asyncio.sleep(CANCELLED_AFTER_S)
        task.cancel()
    try:
        seen[f"{kind.name}: {how(await task)}"] += 1
    except asyncio.CancelledError:
        if not task.cancelled():
            raise
        seen[f"{kind.name}: gone"] += 1


def how(execution: Execution) -> str:
    """Return how a run ended, in two words."""
    return f"{execution.stop.value} {execution.exit_code if execution.signal is None else -execution.signal}"


async def endured(tier: Isolation | None, runs: int) -> tuple[list[Sample], Counter[str]]:
    """Make all runs, `AT_ONCE` at a time; return what was counted between them, and how they ended."""
    seen: Counter[str] = Counter()
    dice = random.Random(1)  # noqa: S311  # an order
    async with LocalSandbox(isolation=tier, limits=LIMITS, runs_per_zygote=100 * runs) as sandbox:
        await sandbox.run_code(PLAIN)
        kinds = [kind for kind in KINDS if sandbox.isolation in kind.tiers]
        drawn = dice.choices(kinds, weights=[kind.weight for kind in kinds], k=runs)
        samples = [await measured(sandbox, 0)]
        step = max(1, runs // SAMPLES)
        for begin in range(0, runs, step):
            await some(sandbox, drawn[begin : begin + step], seen)
            samples.append(await measured(sandbox, min(begin + step, runs)))
            print(row(samples[-1]), flush=True)
    return samples, seen


async def some(sandbox: LocalSandbox, kinds: list[Kind], seen: Counter[str]) -> None:
    """Make these runs, `AT_ONCE` at a time."""
    waiting = iter(kinds)

    async def caller() -> None:
        for kind in waiting:
            await one(sandbox, kind, seen)

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(caller())


def growth(samples: list[Sample]) -> list[str]:
    """Return what is more at the end than after the warm-up, beyond the tolerances."""
    warm = next(sample for sample in samples if sample.runs >= WARM_UP * samples[-1].runs)
    last, found = samples[-1], list[str]()
    for name in ("host_descriptors", "zygote_descriptors", "files", "mounts", "runs_alive"):
        before, after = getattr(warm, name), getattr(last, name)
        if after != before:
            found.append(f"{name}: {before} became {after}")
    for name, tolerance in TOLERANCES.items():
        grown = getattr(last, name) - getattr(warm, name)
        if grown > tolerance:
            found.append(f"{name}: {grown} bytes more")
    return found


def row(sample: Sample) -> str:
    """Return one line of the curve."""
    return (
        f"{sample.runs:>7} runs: host {sample.host_memory / 1e6:7.2f} MB,"
        f" zygote {sample.zygote_memory / 1e6:6.2f} MB, slot {sample.slot_memory / 1e6:6.2f} MB,"
        f" descriptors {sample.host_descriptors} + {sample.zygote_descriptors},"
        f" runs alive {sample.runs_alive}, files {sample.files}, mounts {sample.mounts}"
    )


def main() -> int:
    """Endure, print the curve, judge."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--tier", type=Isolation)
    parser.add_argument("--record", action="store_true")
    given = parser.parse_args()
    adopt_orphans()
    start = time.monotonic()
    samples, seen = asyncio.run(endured(given.tier, given.runs))
    found = growth(samples)
    left = descendants(os.getpid())
    if left:
        found.append(f"processes are left: {left}")
    for name, count in sorted(seen.items()):
        print(f"  {count:>6} {name}")
    print(*(found or ["nothing is left, nothing has grown"]), sep="\n")
    kept = {
        "seconds": round(time.monotonic() - start, 1),
        "left": found,
        "ends": dict(sorted(seen.items())),
        "samples": [dataclasses.asdict(sample) for sample in samples],
    }
    keep(__file__, kept)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
