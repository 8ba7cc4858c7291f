"""Commits of one process that wait at once, against the same commits one after another.

    python benchmarks/group_commit.py [--folder DIR] [--record]

Each side commits the same lessons to a new file; the sides take turns, and the median of the rounds counts.
`--folder` names where the files are made: what is saved is fsync, so it should be on a real disk.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from recording import keep

from tta_dev_primitives.ace.bullet import Provenance
from tta_dev_primitives.ace.content import Kind
from tta_dev_primitives.ace.delta import AddBullet, Delta
from tta_dev_primitives.ace.store import Commit, SqliteStore

AT_ONCE = (1, 8, 64)
COMMITS = 256
ROUNDS = 7
SOURCE = Provenance(task_id="t", run_id="r", model="none", actor="curator", origin="user")


def lesson(number: int) -> Commit:
    """Return a commit that adds one strategy."""
    rule = AddBullet(kind=Kind.RULE, content=f"Rule {number} says something about a library.")
    return Commit(run_id="r", delta=Delta(operations=(rule,), provenance=SOURCE))


async def one_after_another(store: SqliteStore) -> None:
    """Commit each when the one before is stored."""
    for number in range(COMMITS):
        await store.commit(lesson(number))


def at_once(width: int) -> Callable[[SqliteStore], Awaitable[None]]:
    """Return what lets `width` tasks commit at once, each one after another."""

    async def commit(store: SqliteStore) -> None:
        numbers = iter(range(COMMITS))

        async def task() -> None:
            for number in numbers:
                await store.commit(lesson(number))

        async with asyncio.TaskGroup() as group:
            for _ in range(width):
                group.create_task(task())

    return commit


async def seconds(work: Callable[[SqliteStore], Awaitable[None]], folder: Path | None) -> float:
    """Return how long `work` takes on a new file."""
    with tempfile.TemporaryDirectory(dir=folder) as made:
        store = SqliteStore(Path(made) / "playbook.db")
        await store.load()
        start = time.perf_counter()
        await work(store)
        taken = time.perf_counter() - start
        if (await store.load()).size != COMMITS:
            raise AssertionError("a commit is lost")
        return taken


async def main() -> None:
    """Measure in turns and tell."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--record", action="store_true", help="keep the figures in results/")
    folder = parser.parse_args().folder
    sides = {"one after another": one_after_another} | {
        f"{width} at once": at_once(width) for width in AT_ONCE
    }
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, work in sides.items():
            taken[name].append(await seconds(work, folder))
    medians = {name: statistics.median(times) for name, times in taken.items()}
    slow = medians["one after another"]
    figures = {
        name: {"commits_per_s": round(COMMITS / median, 1), "times_as_many": round(slow / median, 2)}
        for name, median in medians.items()
    }
    for name, row in figures.items():
        print(f"{name:<20}{row['commits_per_s']:>10.0f} commits/s{row['times_as_many']:>8.2f}x")
    keep(__file__, {"commits": COMMITS, "rounds": ROUNDS, "throughput": figures})


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
