"""What a playbook costs as it grows: to open, commit, choose, render, curate and search.

Playbooks of 100 to 100,000 strategies, with ten events each: to 1,000,000 events. The sizes take turns, so
that a busy machine slows all of them alike; what is asked for are ratios within this run. A slope is that of
the line through the logarithms of the median processor times over those of the sizes: 0 costs the same at
every size, 1 grows with it. Processor time is told as well, as waiting for others hides what a size costs.
`--quick` leaves out the largest. A commit that is due to write a snapshot is told apart: it is the worst one.
"""

from __future__ import annotations

import asyncio
import math
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from invented import CORE, EVENTS_A_BULLET, Words, commit_of, history, query, task
from recording import keep

from tta_dev_primitives.ace import AceOptions
from tta_dev_primitives.ace.layout import generator_prompt
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.record import Run
from tta_dev_primitives.ace.relevance import RelevanceIndex
from tta_dev_primitives.ace.selection import Selection, select
from tta_dev_primitives.ace.similarity import Neighbours
from tta_dev_primitives.ace.store import SqliteStore, open_store
from tta_dev_primitives.ace.store.connection import writing
from tta_dev_primitives.ace.store.kept import Head, event_rows
from tta_dev_primitives.ace.store.ledger import snapshot_interval
from tta_dev_primitives.ace.store.sqlite_rows import SqliteRows

SIZES = (100, 1_000, 10_000, 100_000)
SEARCHED = 10_000
ROUNDS = 60
FIGURES = ("least", "p50", "p95", "most", "processor")
FEW = 3
OPTIONS = AceOptions(hold_out=0.0, exploration=0.0)

OPEN_OLD = "open, its snapshot as old as it may be"
OPEN_NEW = "open, right after a snapshot"
REFOLD = "refold all events"
COMMIT, COMMIT_SNAPSHOT = "commit", "commit that writes a snapshot"
COMMIT_VIEW = "commit with a JSON view"
FIRST_SELECT, SELECT, RENDER = "first select after opening", "select", "render the prompt"
CURATE = "find what a lesson resembles"
SEARCH_FIRST, SEARCH_COLD, SEARCH = "first search ever", "first search of a process", "search"


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, by the clock and by the processor time of this process, in seconds."""

    clock: float = field(default_factory=time.perf_counter)
    processor: float = field(default_factory=time.process_time)


@dataclass(slots=True, kw_only=True)
class Subject:
    """A playbook of `size` strategies; what each step took, and worked of it, in milliseconds."""

    size: int
    path: Path
    taken: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    commits: int = 0

    worked: dict[str, list[float]] = field(default_factory=dict[str, list[float]])

    def note(self, step: str, start: Moment) -> None:
        now = Moment()
        self.taken.setdefault(step, []).append((now.clock - start.clock) * 1e3)
        self.worked.setdefault(step, []).append((now.processor - start.processor) * 1e3)


@dataclass(slots=True, kw_only=True)
class Mind:
    """What a process that learns keeps beside the store."""

    playbook: Playbook
    store: SqliteStore
    index: RelevanceIndex = field(default_factory=RelevanceIndex)
    neighbours: Neighbours = field(default_factory=Neighbours)


async def subject(size: int, folder: Path) -> Subject:
    """Make a playbook whose next commit is due to write a snapshot."""
    path, records = folder / f"{size}.db", tuple(history(size))
    tail = min(snapshot_interval(size), len(records) // 2) - 1
    await SqliteStore(path).begin_with(records[:-tail], ())
    with writing(path) as connection:
        rows = SqliteRows(connection)
        added = tuple(event_rows(rows.head(), records[-tail:]))
        rows.append_events(added)
        rows.write_head(Head(seq=added[-1].seq, hash=added[-1].hash))
        connection.execute("COMMIT")
    print(
        f"made {size:,} strategies, {added[-1].seq:,} events, {path.stat().st_size / 1e6:,.0f} MB", flush=True
    )
    return Subject(size=size, path=path)


async def load(one: Subject, step: str, path: Path | None = None) -> Playbook:
    store, start = SqliteStore(path or one.path), Moment()
    playbook = await store.load()
    one.note(step, start)
    assert len(playbook.bullets) >= one.size
    assert playbook.version >= one.size * EVENTS_A_BULLET
    return playbook


async def refold(one: Subject) -> None:
    copy = one.path.with_suffix(".bare.db")
    shutil.copy(one.path, copy)
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("DELETE FROM snapshots")
        connection.commit()
    folded = await load(one, REFOLD, copy)
    assert folded == await SqliteStore(one.path).load()
    copy.unlink()


async def write(one: Subject, store: SqliteStore, step: str) -> Playbook:
    commit = commit_of(one.size, one.commits)
    one.commits += 1
    start = Moment()
    committed = await store.commit(commit)
    one.note(step, start)
    assert committed.outcomes[0].bullet_id is not None
    return committed.playbook


async def write_with_view(one: Subject, folder: Path) -> None:
    copy = folder / "viewed.db"
    shutil.copy(one.path, copy)
    store = open_store(copy.with_suffix(".json"))
    await store.load()
    for _ in range(FEW + 1):
        await write(one, store, COMMIT_VIEW)
    del one.taken[COMMIT_VIEW][-FEW - 1]  # it writes the file for the first time
    copy.unlink()
    copy.with_suffix(".json").unlink()


def think(one: Subject, mind: Mind, number: int, step: str = SELECT) -> None:
    """Choose and render strategies for a task, as the next run would."""
    asked, start = task(number), Moment()
    selection = select(mind.playbook, asked, OPTIONS, index=mind.index)
    one.note(step, start)
    start = Moment()
    prompt = generator_prompt(Run(task=asked, playbook=mind.playbook, selection=selection))
    one.note(RENDER, start)
    assert_sound(selection, asked.task, prompt)


def assert_sound(selection: Selection, text: str, prompt: str) -> None:
    assert 0 < len(selection.core) <= CORE
    assert selection.choices
    assert text in prompt


def curate(one: Subject, mind: Mind, number: int) -> None:
    lesson, start = Words(number).lesson(f"Lesson {number}"), Moment()
    mind.neighbours.follow(mind.playbook)
    _ = next(mind.neighbours.near(lesson), None)
    one.note(CURATE, start)


async def search(one: Subject, store: SqliteStore, number: int, step: str = SEARCH) -> None:
    wanted, start = query(number), Moment()
    found = await store.search(wanted)
    one.note(step, start)
    assert found or one.size < SEARCHED
    assert all(each.words for each in found)


async def opened(one: Subject) -> None:
    """Open as a fresh process does, from a snapshot of either age and from none, and search at first."""
    for _ in range(FEW):
        await load(one, OPEN_OLD)
    await refold(one)
    store = SqliteStore(one.path)
    await store.load()
    await write(one, store, COMMIT_SNAPSHOT)
    for _ in range(FEW):
        await load(one, OPEN_NEW)
    await search(one, SqliteStore(one.path), 0, SEARCH_FIRST)
    for number in range(FEW):
        await search(one, SqliteStore(one.path), number, SEARCH_COLD)


async def measure(sizes: Sequence[int], folder: Path) -> list[Subject]:
    subjects = [await subject(size, folder) for size in sizes]
    for one in subjects:
        await opened(one)
    minds = list[tuple[Subject, Mind]]()
    for one in subjects:
        store = SqliteStore(one.path)
        minds.append((one, Mind(playbook=await store.load(), store=store)))
        think(one, minds[-1][1], 0, FIRST_SELECT)
        minds[-1][1].neighbours.follow(minds[-1][1].playbook)
    for number in range(ROUNDS):
        for one, mind in minds:
            mind.playbook = await write(one, mind.store, COMMIT)
            think(one, mind, number)
            curate(one, mind, number)
    for number in range(ROUNDS):
        for one, mind in minds:
            await search(one, mind.store, number)
    for one in subjects:
        await write_with_view(one, folder)
    return subjects


def quantile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, math.ceil(share * len(values)) - 1)]


def slope(sizes: Sequence[int], medians: Sequence[float]) -> float:
    """Return the slope of the least-squares line through the logarithms."""
    return statistics.linear_regression(list(map(math.log10, sizes)), list(map(math.log10, medians))).slope


def median(one: Subject, step: str, *, worked: bool = False) -> float:
    return statistics.median((one.worked if worked else one.taken)[step])


def summary(subjects: Sequence[Subject]) -> Mapping[str, Mapping[str, object]]:
    """Print and return what each step took by size, and how it grows."""
    steps: dict[str, Mapping[str, object]] = {}
    for step in subjects[0].taken:
        print(f"\n{step} [ms]\n  {'strategies':>10}" + "".join(f"{name:>12}" for name in FIGURES))
        by_size: dict[str, Mapping[str, float]] = {}
        for one in subjects:
            taken = one.taken[step]
            told = (
                min(taken),
                median(one, step),
                quantile(taken, 0.95),
                max(taken),
                median(one, step, worked=True),
            )
            by_size[str(one.size)] = {
                name: round(value, 3) for name, value in zip(FIGURES, told, strict=True)
            }
            print(f"  {one.size:>10,}" + "".join(f"{value:>12.2f}" for value in told))
        rise = slope([one.size for one in subjects], [row["processor"] for row in by_size.values()])
        print(f"  slope {rise:.2f}")
        steps[step] = {"ms": by_size, "slope": round(rise, 3)}
    return steps


def asked(subjects: Sequence[Subject]) -> Mapping[str, float]:
    """Print and return the figures that were asked for."""
    small, large = subjects[0], subjects[-1]
    searched = next(one for one in subjects if one.size == SEARCHED)
    figures = {f"search at {SEARCHED:,} strategies [ms] (at most 15)": median(searched, SEARCH)}
    for by, worked in (("the clock", False), ("processor time", True)):
        refolding = median(large, REFOLD, worked=worked)
        figures |= {
            f"commit, largest / smallest, by {by} (at most 1.5)": (
                median(large, COMMIT, worked=worked) / median(small, COMMIT, worked=worked)
            ),
            f"refold / open at worst, by {by} (at least 20)": (
                refolding / median(large, OPEN_OLD, worked=worked)
            ),
            f"refold / open at best, by {by} (at least 20)": (
                refolding / median(large, OPEN_NEW, worked=worked)
            ),
        }
    print("\nasked for")
    for name, value in figures.items():
        print(f"  {name:<60}{value:8.2f}")
    return {name: round(value, 3) for name, value in figures.items()}


async def main() -> None:
    sizes = SIZES[:-1] if "--quick" in sys.argv[1:] else SIZES
    with tempfile.TemporaryDirectory() as folder:
        subjects = await measure(sizes, Path(folder))
    keep(
        __file__, {"asked": asked(subjects), "steps": summary(subjects), "events_a_strategy": EVENTS_A_BULLET}
    )


if __name__ == "__main__":
    asyncio.run(main())
