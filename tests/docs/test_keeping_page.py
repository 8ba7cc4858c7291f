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


def taken(step: str, size: str, figure: str = "p50") -> float:
    """Return how long a step took, in milliseconds."""
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


def test_the_table_is_what_was_recorded() -> None:
    assert [line for line in PAGE.splitlines() if line.startswith("| ")][1:] == list(rows())


def test_the_sentences_are_what_was_recorded() -> None:
    after, worst = asked("refold / open, after"), asked("refold / open, at worst")
    assert f"takes {asked('commit'):.2f} times as long with 100,000 strategies as with 100" in TEXT
    assert f"takes a {after:.0f}th of the time of refolding 1,000,000 events" in TEXT
    assert f"a {worst:.0f}th where the snapshot is as old as it may be" in TEXT
    snapshot = taken("commit that writes a snapshot", "100000") / 1000
    assert f"waits for it, {snapshot:.1f} s with 100,000 strategies" in TEXT
    view = taken("commit with a JSON view", "100000") / 1000
    assert f"{view:.1f} s a commit with 100,000" in TEXT
    first = taken("first select after opening", "100000") / 1000
    assert f"{first:.1f} s for the first choice of a process" in TEXT


def test_what_was_asked_for_is_reached() -> None:
    assert asked("commit") <= 1.5
    assert asked("refold / open, at worst") >= 20
    assert asked("search at 10,000") <= 15
