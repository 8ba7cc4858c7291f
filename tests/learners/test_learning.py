"""Each domain learner gets better by what it learns, and its control arm without a playbook does not.

The tasks and the scripted model are those of `benchmarks/learners.py`, with one seed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from domains import WORLDS
from domains.world import CONTROL, LEARNING, TASKS, WINDOW, World, first_tries

from tests.learners.performance.clocked import Clocked
from tta_dev_primitives.ace.statistics import difference, wilson
from tta_dev_primitives.sandbox import Sandbox

SEED = 1
RECORDED = Path(__file__).parents[2] / "benchmarks" / "results" / "learners.json"
PAGE = (Path(__file__).parents[2] / "docs" / "learners.md").read_text(encoding="utf-8")
SLOW_WORDS = (
    "in right",
    "range(place + 1)",
    "[: place + 1]",
    ".count",
    "in rest",
    ".index",
    "other",
    "keys[place]",
)


def points(change: Mapping[str, float]) -> str:
    value, low, high = (round(100 * change[name]) for name in ("value", "low", "high"))
    return f"{value} ({low} to {high})"


def seconds(code: str, n: int) -> float:
    """Return what a program takes by the look of it: quadratic, if it has what makes it so."""
    quadratic = any(words in code for words in SLOW_WORDS)
    plain = any(words in code for words in ("for other", "for earlier", "enumerate(names) if"))
    return (1e-7 if plain else 2e-8) * n**2 if quadratic else 2e-7 * n


OWN = [world for world in WORLDS if world.name != "API clients"]
"""API clients have a test of their own beside their other ones."""


@pytest.mark.parametrize("world", OWN, ids=lambda world: world.name)
async def test_first_try_success_rises_by_what_is_learned(world: World[Any], sandbox: Sandbox) -> None:
    place: Sandbox = Clocked(sandbox, seconds) if world.name == "performance" else sandbox

    learned = list(map(bool, await first_tries(world, place, seed=SEED, options=LEARNING)))
    control = list(map(bool, await first_tries(world, place, seed=SEED, options=CONTROL)))

    assert len(learned) == len(control) == TASKS
    assert sum(learned[-WINDOW:]) - sum(learned[:WINDOW]) >= 4
    unchanged = difference(wilson(sum(control[:WINDOW]), WINDOW), wilson(sum(control[-WINDOW:]), WINDOW))
    assert unchanged.low <= 0 <= unchanged.high


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_what_was_recorded_is_what_the_page_says(world: World[Any]) -> None:
    figures = json.loads(RECORDED.read_text(encoding="utf-8"))["domains"][world.name]
    learned, control = figures["with its playbook"]["change"], figures["without a playbook"]["change"]

    assert f"| {world.name} | {figures['seeds']} | {points(learned)} | {points(control)} |" in PAGE
    assert round(learned["value"], 6) >= 0.4
    assert control["low"] <= 0 <= control["high"]
