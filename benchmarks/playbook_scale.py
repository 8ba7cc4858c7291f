"""What a playbook costs as it grows: to choose and render strategies, apply a delta, commit and load.

Each step is taken again and again on playbooks of 100 to 100,000 strategies, the sizes in turn, and always on
a version that was not seen before, as a run of the loop does. The slope is that of a line through the medians
over the logarithm of the size: milliseconds for ten times as many. `--quick` leaves out the largest.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from recording import RESULTS, keep

from tta_dev_primitives.ace import AceOptions
from tta_dev_primitives.ace.bullet import Provenance, Trigger
from tta_dev_primitives.ace.content import Kind
from tta_dev_primitives.ace.delta import (
    AddBullet,
    AnyOperation,
    Delta,
    ImportBullet,
    MarkConflict,
    Result,
    RetireBullet,
    ReviseBullet,
    TagBullet,
)
from tta_dev_primitives.ace.episode import Episode
from tta_dev_primitives.ace.events import Observe, Seal, TagKind
from tta_dev_primitives.ace.layout import generator_prompt
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.record import Run
from tta_dev_primitives.ace.relevance import RelevanceIndex
from tta_dev_primitives.ace.selection import select
from tta_dev_primitives.ace.store import Commit, SqliteStore
from tta_dev_primitives.ace.store.kept import Checkpoint, snapshot_row
from tta_dev_primitives.ace.store.sqlite_rows import SqliteRows
from tta_dev_primitives.ace.task import Task, parse_task

SIZES = (100, 1_000, 10_000, 100_000)
ROUNDS = 60
MOST = 5
CORE = 20
LIBRARIES = 40
SOURCE = Provenance(task_id="t", run_id="r", model="none", actor="curator", origin="user")
COMMON = (
    "the",
    "and",
    "when",
    "with",
    "for",
    "that",
    "not",
    "must",
    "before",
    "after",
    "value",
    "call",
    "use",
)
OPTIONS = AceOptions(hold_out=0.0, exploration=0.0)


class Words:
    """Sentences of an invented language whose words are as unevenly frequent as those of real ones (Zipf)."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  # a fixture, not a secret
        syllables = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "or")]
        rare = random.Random(0)  # noqa: S311  # the language is the same for every seed
        self._words = [*COMMON, *("".join(rare.choices(syllables, k=3)) for _ in range(4_000))]
        self._weights = [1 / (rank + 2) for rank in range(len(self._words))]

    def sentence(self, words: int) -> str:
        return " ".join(self._random.choices(self._words, self._weights, k=words))

    def library(self) -> str:
        return f"lib{self._random.randrange(LIBRARIES):02d}x"

    def number(self, below: int) -> int:
        return self._random.randrange(below)


def imports(size: int) -> tuple[ImportBullet, ...]:
    """Return `size` strategies of about 20 words, each about one of the libraries."""
    words = Words(size)
    return tuple(
        ImportBullet(
            kind=Kind.RULE,
            content=f"Rule {number}: {words.sentence(18)}.",
            trigger=Trigger(language="python", libraries=(words.library(),), keywords=(words.sentence(1),)),
        )
        for number in range(size)
    )


def task(number: int) -> Task:
    words = Words(-number - 1)
    text = f"{words.sentence(70)} {words.library()}"
    return parse_task({"task": text, "id": f"task-{number}", "expected_output": "1"})


def ten_operations(size: int, number: int) -> Delta:
    """Return three additions, two rewordings, three tags, a contradiction and a retirement."""
    words = Words(number)
    names = [f"str-{1 + CORE + words.number(size - CORE):05d}" for _ in range(8)]
    adds = (AddBullet(kind=Kind.RULE, content=f"New {number}.{n}: {words.sentence(18)}.") for n in range(3))
    revises = (
        ReviseBullet(bullet=name, revision=1, content=f"Better {number}: {words.sentence(18)}.")
        for name in names[:2]
    )
    operations: list[AnyOperation] = [
        *adds,
        *revises,
        *(TagBullet(bullet=name, tag=TagKind.HELPFUL) for name in names[2:5]),
        MarkConflict(bullet=names[5], other=names[6], reason="opposites"),
        RetireBullet(bullet=names[7], reason="harmful"),
    ]
    return Delta(operations=tuple(operations), provenance=SOURCE, episode_id=f"episode-{number}")


def commit_of(size: int, number: int) -> Commit:
    """Return what one run stores: its delta, six observations and its episode."""
    words = Words(number)
    name = f"episode-{number}"
    observations = tuple(
        Observe(
            bullet=f"str-{1 + words.number(size):05d}",
            episode_id=name,
            included=True,
            propensity=0.9,
            success=True,
            score=1.0,
        )
        for _ in range(6)
    )
    return Commit(
        run_id="r", delta=ten_operations(size, number), observations=observations, episode=episode(name)
    )


def episode(name: str) -> Episode:
    return Episode(
        id=name,
        run_id="r",
        task_id="t",
        family="general",
        task="invented",
        language="python",
        playbook_version=0,
        success=True,
        first_try=True,
        verdict="passed",
        score=1.0,
        seed=7,
        model="m",
        origin="scripted",
        started_at="2026-01-01T00:00:00Z",
        finished_at="2026-01-01T00:00:01Z",
    )


@dataclass(slots=True, kw_only=True)
class Subject:
    """A playbook of `size` strategies in memory and in a store, and what each step took, in milliseconds."""

    size: int
    path: Path
    playbook: Playbook
    index: RelevanceIndex = field(default_factory=RelevanceIndex)
    taken: dict[str, list[float]] = field(default_factory=dict[str, list[float]])

    def note(self, step: str, start: float) -> None:
        self.taken.setdefault(step, []).append((time.perf_counter() - start) * 1e3)


async def subject(size: int, folder: Path) -> Subject:
    path = folder / f"{size}.db"
    delta = Delta(operations=imports(size), provenance=SOURCE)
    seals = tuple(Seal(bullet=f"str-{n:05d}") for n in range(1, CORE + 1))
    committed = await SqliteStore(path).commit(Commit(run_id="r", delta=delta, seals=seals))
    assert committed.playbook.size == size
    made = Subject(size=size, path=path, playbook=committed.playbook)
    records = [stored.recorded for stored in await SqliteStore(path).history()]
    for _ in range(3):
        start = time.perf_counter()
        folded = Playbook.fold(records)
        made.note("fold of the whole history", start)
        assert folded == committed.playbook
    return made


def think(one: Subject, number: int) -> None:
    """Apply a delta, then choose and render strategies for a task, as the next run would."""
    delta, asked = ten_operations(one.size, number), task(number)
    start = time.perf_counter()
    applied = one.playbook.apply(delta, at=number, run_id="r")
    one.note("apply a delta of ten operations", start)
    assert sum(outcome.result is Result.APPLIED for outcome in applied.outcomes) > MOST
    one.playbook = applied.playbook
    start = time.perf_counter()
    selection = select(one.playbook, asked, OPTIONS, index=one.index)
    prompt = generator_prompt(Run(task=asked, playbook=one.playbook, selection=selection))
    one.note("select and render", start)
    assert len(selection.core) == CORE
    assert selection.choices
    assert asked.task in prompt


async def write(one: Subject, store: SqliteStore, number: int) -> None:
    commit = commit_of(one.size, number)
    start = time.perf_counter()
    committed = await store.commit(commit)
    size = committed.playbook.size
    one.note("commit", start)
    assert size


def snapshot(one: Subject) -> None:
    """Write the snapshot that a commit writes after max(1000, n / 2) events."""
    with closing(sqlite3.connect(one.path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        rows = SqliteRows(connection)
        start = time.perf_counter()
        rows.write_snapshot(snapshot_row(Checkpoint(playbook=one.playbook, hash=rows.head().hash)))
        one.note("snapshot, once in so many events", start)
        connection.execute("ROLLBACK")


async def load(one: Subject) -> None:
    start = time.perf_counter()
    playbook = await SqliteStore(one.path).load()
    one.note("load after a restart", start)
    assert playbook.size


def quantile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, math.ceil(share * len(values)) - 1)]


def slope(sizes: Sequence[int], medians: Sequence[float]) -> float:
    """Return the rise of the least-squares line through the medians over log10 of the size."""
    return statistics.linear_regression([math.log10(size) for size in sizes], medians).slope


def summary(subjects: Sequence[Subject]) -> Mapping[str, object]:
    """Print and return what each step took by size, and how they grow."""
    steps: dict[str, object] = {}
    for step in subjects[0].taken:
        print(
            f"\n{step} [ms]\n  {'strategies':>10}{'least':>12}{'p50':>12}{'p95':>12}{'mean':>12}{'most':>12}"
        )
        by_size: dict[str, Mapping[str, float]] = {}
        for one in subjects:
            taken = one.taken[step]
            figures = {
                "least": min(taken),
                "p50": statistics.median(taken),
                "p95": quantile(taken, 0.95),
                "mean": statistics.mean(taken),
                "most": max(taken),
            }
            by_size[str(one.size)] = {name: round(value, 4) for name, value in figures.items()}
            print(f"  {one.size:>10,}" + "".join(f"{value:>12.3f}" for value in figures.values()))
        medians = [row["p50"] for row in by_size.values()]
        rise = slope([one.size for one in subjects], medians)
        growth = medians[-1] / medians[0]
        print(f"  slope {rise:.3f} ms for ten times as many; largest / smallest {growth:.2f}")
        steps[step] = {"ms": by_size, "slope_ms_per_decade": round(rise, 4), "growth": round(growth, 3)}
    return steps


def before() -> object:
    """Return the figures of the first record, which are those of a playbook of copied dictionaries."""
    path = RESULTS / "playbook_scale.json"
    return json.loads(path.read_text(encoding="utf-8")).get("before") if path.exists() else None


async def main() -> None:
    sizes = SIZES[:-1] if "--quick" in sys.argv[1:] else SIZES
    with tempfile.TemporaryDirectory() as folder:
        subjects = [await subject(size, Path(folder)) for size in sizes]
        stores = [SqliteStore(one.path) for one in subjects]
        for number in range(ROUNDS):
            for one in subjects:
                think(one, number)
        for number in range(ROUNDS):
            for one, store in zip(subjects, stores, strict=True):
                await write(one, store, number)
        for _ in range(3):
            for one in subjects:
                snapshot(one)
                await load(one)
    keep(__file__, {"milliseconds": summary(subjects), "before": before()})


if __name__ == "__main__":
    asyncio.run(main())
