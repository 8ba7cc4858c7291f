"""What compaction saves and costs: a playbook of 20,000 events before and after, with its archive.

    python benchmarks/compaction.py [--events 20000] [--record]

One event in ten adds a strategy, the others observe or tag one, as runs do. The playbook is read by a new
store each time, so from its latest snapshot.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from recording import keep

from tta_dev_primitives.ace.bullet import Provenance
from tta_dev_primitives.ace.content import Kind, bullet_id
from tta_dev_primitives.ace.events import Add, Observe, Recorded, Tag, TagKind, record
from tta_dev_primitives.ace.store import SqliteStore

KEEP = 1_000
A_STRATEGY = 10
SOURCE = Provenance(task_id="task-1", run_id="run-1", model="none", actor="curator", origin="live")


def history(events: int) -> list[Recorded]:
    """Return what happened to a playbook."""
    source, bullets, records = random.Random(7), list[str](), list[Recorded]()  # noqa: S311  # no secret
    for number in range(events):
        at, run = 1_760_000_000_000_000_000 + number * 10**9, f"run-{number // 20}"
        if number % A_STRATEGY == 0:
            content = f"Rule {number}: when a date has no zone, read it as UTC and say so in the answer."
            bullets.append(bullet_id("general", Kind.RULE, content))
            event = Add(bullet=bullets[-1], kind=Kind.RULE, content=content, provenance=SOURCE)
            records.append(record(event, at=at, run_id=run, actor="curator"))
            continue
        bullet, episode = source.choice(bullets), f"{number:032x}"
        observed = Observe(
            bullet=bullet, episode_id=episode, included=True, propensity=0.8, success=True, score=1.0
        )
        tagged = Tag(bullet=bullet, tag=TagKind.HELPFUL, episode_id=episode)
        records.append(record(tagged if number % 3 == 0 else observed, at=at, run_id=run, actor="playbox"))
    return records


def kib(path: Path) -> int:
    """Return the size of a file."""
    return round(path.stat().st_size / 1024)


async def seconds(work: Callable[[], Awaitable[object]]) -> float:
    """Return how long `work` takes."""
    start = time.perf_counter()
    await work()
    return round(time.perf_counter() - start, 3)


async def read(path: Path, events: int) -> dict[str, float]:
    """Return what reading costs, and the size of the file."""
    return {
        "KiB": kib(path),
        "load_s": await seconds(lambda: SqliteStore(path).load()),
        "version_in_the_middle_s": await seconds(lambda: SqliteStore(path).at_version(events // 2)),
        "verify_s": await seconds(lambda: SqliteStore(path).verify()),
    }


async def main() -> None:
    """Compact and tell."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--record", action="store_true", help="keep the figures in results/")
    events = parser.parse_args().events
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "playbook.db"
        await SqliteStore(path).begin_with(history(events), ())
        before = await read(path, events)
        start = time.perf_counter()
        done = await SqliteStore(path).compact(keep=KEEP)
        taken = round(time.perf_counter() - start, 3)
        after = await read(path, events)
        if done.archive is None or not (await SqliteStore(path).verify()).sound:
            raise AssertionError("it was not compacted")
        archive = kib(done.archive)
    found: dict[str, dict[str, float]] = {
        "before": before,
        "after": after,
        "archive": {"KiB": archive},
        "compaction": {"s": taken},
    }
    for name, row in found.items():
        print(f"{name:<12}", *(f"{what} {value}" for what, value in row.items()))
    print(f"file: {after['KiB'] / before['KiB']:.0%} of before")
    keep(__file__, {"events": events, "kept": KEEP, "figures": found})


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
