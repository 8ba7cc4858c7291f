"""The figures of the page on keeping are those that were recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "keeping.md").read_text(encoding="utf-8")
TEXT = " ".join(PAGE.split())
RECORDED = json.loads((ROOT / "benchmarks" / "results" / "store.json").read_text(encoding="utf-8"))
SIZES = ("100", "1000", "10000", "100000")
COLUMNS = (
    "open, right after a snapshot",
    "refold all events",
    "commit",
    "select",
    "render the prompt",
    "search",
)


def taken(step: str, size: str, figure: str = "processor") -> float:
    """Return a figure of a step, in milliseconds."""
    by_size = cast("Mapping[str, Mapping[str, float]]", RECORDED["steps"][step]["ms"])
    return by_size[size][figure]


def asked(beginning: str) -> float:
    (found,) = (value for name, value in RECORDED["asked"].items() if name.startswith(beginning))
    return cast("float", found)


def rows() -> Iterator[str]:
    for size in SIZES:
        events = int(size) * RECORDED["events_a_strategy"]
        figures = " | ".join(f"{taken(step, size):,.1f}" for step in COLUMNS)
        yield f"| {int(size):,} | {events:,} | {figures} |"
    slopes = " | ".join(f"{RECORDED['steps'][step]['slope']:.2f}" for step in COLUMNS)
    yield f"| slope | | {slopes} |"


def sentences() -> Iterator[str]:
    by_clock, worked = (
        asked("commit, largest / smallest, by the c"),
        asked("commit, largest / smallest, by p"),
    )
    yield f"takes {worked:.2f} times the processor time with 100,000 strategies that it takes with 100"
    yield f"{by_clock:.2f} times by the clock"
    best, worst = asked("refold / open at best, by p"), asked("refold / open at worst, by p")
    yield f"takes 1/{best:.0f} of the processor time of refolding 1,000,000 events"
    yield f"1/{worst:.0f} where its snapshot is as old as it may be"
    yield f"Searching 10,000 strategies took {asked('search'):.1f} ms by the clock"
    snapshot = taken("commit that writes a snapshot", "100000", "most") / 1000
    yield f"waits for it, {snapshot:.1f} s by the clock with 100,000 strategies"
    view = taken("commit with a JSON view", "100000") / 1000
    yield f"{view:.1f} s a commit with 100,000"
    first = taken("first select after opening", "100000") / 1000
    yield f"{first:.1f} s for the first choice of a process"
    made = taken("first search ever", "100000") / 1000
    yield f"{made:.1f} s with 100,000, once"
    compared = taken("find what a lesson resembles", "100000")
    yield f"reads them all, {compared:.0f} ms with 100,000"


def test_the_table_is_what_was_recorded() -> None:
    assert [line for line in PAGE.splitlines() if line.startswith("| ")][1:] == list(rows())


def test_the_sentences_are_what_was_recorded() -> None:
    for sentence in sentences():
        assert sentence in TEXT


def test_what_was_asked_for_is_reached() -> None:
    for by in ("by the clock", "by processor time"):
        assert asked(f"commit, largest / smallest, {by}") <= 1.5
        assert asked(f"refold / open at worst, {by}") >= 20
    assert asked("search at 10,000") <= 15
