"""Figures of the page on observability are those that were recorded; settings and sinks are all on it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tta_dev_primitives import observability
from tta_dev_primitives.settings import VARIABLES

ROOT = Path(__file__).parents[2]
PAGE = " ".join((ROOT / "docs" / "observability.md").read_text(encoding="utf-8").split())
RECORDED = json.loads((ROOT / "benchmarks" / "results" / "observability.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("variant", "told"),
    [
        ("spans, SDK", "took {:.1f} times as long with `OpenTelemetrySink`"),
        ("JSON lines", "with `JsonlSink` {:.1f} times as long"),
        ("metrics, SDK", "with `MetricsSink` {:.1f} times"),
    ],
)
def test_the_costs(variant: str, told: str) -> None:
    seconds = RECORDED["median_seconds"]["a chain of 10 steps"]
    assert told.format(seconds[variant] / seconds["awaits and spans by hand, SDK"]) in PAGE


def test_every_setting_and_every_sink() -> None:
    variables = [name for name in VARIABLES.values() if name.startswith("PLAYBOX_TRACE")]
    sinks = [name for name in observability.__all__ if name.endswith("Sink")]
    assert len(variables) == 3
    assert [name for name in (*variables, *sinks) if f"`{name}`" not in PAGE] == []
