"""The figures of the page on API clients are those that the benchmark recorded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = " ".join((ROOT / "docs" / "learners_api.md").read_text(encoding="utf-8").split())
RECORDED = json.loads((ROOT / "benchmarks" / "results" / "api_clients.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("arm", "sentence"),
    [
        ("learner", "{gain} points higher in the last ten tasks than in the first ten (95 % interval {rest}"),
        ("control", "changed by {gain} ({rest}"),
    ],
)
def test_what_is_gained_is_what_was_recorded(arm: str, sentence: str) -> None:
    points = {name: round(100 * value) for name, value in RECORDED["first_try"][arm].items()}
    assert sentence.format(gain=points["gain"], rest=f"{points['low']} to {points['high']})") in PAGE
    assert (RECORDED["seeds"], RECORDED["tasks"]) == (5, 30)
