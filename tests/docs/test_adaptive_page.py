"""The page on adaptive steps tells the figures that were recorded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias, cast

import pytest
from tuning.worlds import HARDER, WORLDS

from tta_dev_primitives.ace.statistics import wilson
from tta_dev_primitives.workflow.adaptive import Caution

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "adaptive.md").read_text(encoding="utf-8")
TEXT = " ".join(PAGE.split())
Row: TypeAlias = Mapping[str, Mapping[str, float]]
RECORDED = json.loads((ROOT / "benchmarks" / "results" / "adaptive.json").read_text(encoding="utf-8"))
ROWS = cast("Mapping[str, Row]", RECORDED["worlds"])
SEEDS = cast("int", RECORDED["seeds"])
SEARCH = cast("Mapping[str, float]", RECORDED["search"])


def share(row: Row, figure: str) -> str:
    mean, low, high = (round(100 * row[figure][part]) for part in ("mean", "low", "high"))
    return f"{mean} % ({low} to {high})"


def wrong(row: Row) -> int:
    return round(row["wrong"]["mean"] * SEEDS)


@pytest.mark.parametrize("name", [name for name in ROWS if name != "null"])
def test_each_service(name: str) -> None:
    row = ROWS[name]
    told = f"| {row['gap_last']['mean']:.3f} | {share(row, 'closed_last')} | {share(row, 'closed_whole')} |"
    line = next(line for line in PAGE.splitlines() if line.startswith(f"| {name}"))
    assert f"{told} {wrong(row)} of {SEEDS} |" in line


def test_the_service_without_anything_to_gain() -> None:
    loss = ROWS["null"]["loss_whole"]
    assert f"costs {100 * loss['mean']:.2f} % of the utility (at most {100 * loss['high']:.2f} %)" in TEXT
    assert wrong(ROWS["null"]) == 0


def test_what_was_asked_of_it_holds() -> None:
    for name in WORLDS:
        row = ROWS[name]
        assert row["gap_last"]["mean"] <= 0.05 or row["closed_last"]["low"] >= 0.7
        assert row["gap_last"]["mean"] > 0.05 or row["loss_whole"]["high"] <= 0.005
    runs = len(WORLDS) * SEEDS
    most = wilson(sum(wrong(ROWS[name]) for name in WORLDS), runs).high
    assert most <= 0.05
    assert f"in none of {runs} runs (at most {100 * most:.1f} %)" in TEXT
    assert set(ROWS) == {*WORLDS, *HARDER}


def test_how_long_a_search_takes() -> None:
    told = f"{SEARCH['requests']} requests for {SEARCH['configurations']} configurations"
    assert f"search of {told} took {1000 * SEARCH['median_seconds']:.0f} ms" in TEXT
    assert f"{1000 * SEARCH['longest_loop_pause_seconds']:.0f} ms" in TEXT


def test_how_careful_it_is() -> None:
    assert f"at most {100 * Caution().probes_cost:.1f} % of a success a request" in TEXT
