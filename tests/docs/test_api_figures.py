"""The figures of the page on API clients are those that the benchmark recorded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = " ".join((ROOT / "docs" / "learners_api.md").read_text(encoding="utf-8").split())
RECORDED = json.loads((ROOT / "benchmarks" / "results" / "learners.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("arm", "sentence"),
    [
        (
            "with its playbook",
            "{value} points higher in the last ten tasks than in the first ten (95 % interval {interval})",
        ),
        ("without a playbook", "changed by {value} ({interval})"),
    ],
)
def test_what_is_gained_is_what_was_recorded(arm: str, sentence: str) -> None:
    change = RECORDED["domains"]["api_client"][arm]["change"]
    value, low, high = (round(100 * change[name]) for name in ("value", "low", "high"))
    assert sentence.format(value=value, interval=f"{low} to {high}") in PAGE
    assert (RECORDED["domains"]["api_client"]["seeds"], RECORDED["tasks"], RECORDED["window"]) == (3, 30, 10)
