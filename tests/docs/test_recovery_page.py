"""The page on recovery names what there is, and its figures are those that were recorded."""

from __future__ import annotations

import json
from pathlib import Path

from tta_dev_primitives import workflow

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "recovery.md").read_text(encoding="utf-8")
RECOVERY = (
    "Retry",
    "Timeout",
    "Hedge",
    "Fallback",
    "Compensation",
    "CircuitBreaker",
    "Cache",
    "RateLimit",
    "Bulkhead",
)


def test_it_has_a_section_for_each_primitive() -> None:
    named = {line.split("`")[1] for line in PAGE.splitlines() if line.startswith("## ") and "`" in line}
    assert named == {f"{name}Primitive" for name in RECOVERY}
    assert named <= set(workflow.__all__)


def test_pickling_takes_a_tenth_of_a_deep_copy() -> None:
    recorded = json.loads((ROOT / "benchmarks" / "results" / "recovery.json").read_text(encoding="utf-8"))
    [copies] = [figures for title, figures in recorded["median_seconds"].items() if "copy of" in title]
    assert "a tenth of the time of a deep copy" in " ".join(PAGE.split())
    assert round(copies["pickle.loads"] / copies["copy.deepcopy"], 1) == 0.1
