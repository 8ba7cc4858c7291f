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


def test_pickling_takes_less_than_a_fifth_of_a_deep_copy() -> None:
    recorded = json.loads((ROOT / "benchmarks" / "results" / "recovery.json").read_text(encoding="utf-8"))
    [copies] = [figures for title, figures in recorded["best_seconds"].items() if "copy of" in title]
    assert "less than a fifth of the time of a deep copy" in " ".join(PAGE.split())
    assert copies["pickle.loads"] < copies["copy.deepcopy"] / 5
