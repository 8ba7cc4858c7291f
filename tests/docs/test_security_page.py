"""The page on security tells the figures that were recorded, and names every layer and action there is."""

from __future__ import annotations

import json
from pathlib import Path

from tests.security.handling import ACTIONS
from tests.security.playing import PLAYS

ROOT = Path(__file__).parents[2]
PAGE = " ".join((ROOT / "docs" / "security.md").read_text(encoding="utf-8").split())
SETS = json.loads((ROOT / "benchmarks" / "results" / "attacks.json").read_text(encoding="utf-8"))["sets"]


def test_its_figures_are_those_that_were_recorded() -> None:
    public, own = SETS["public cases"], SETS["attacks of this repository"]
    for name, found in (("public cases", public), ("attacks of this repository", own)):
        row = f"| {name} | {found['attacks']} | {found['attacks_with_effects']} |"
        assert f"{row} {found['attacks_handled_as_expected']} of {found['attacks']} |" in PAGE
    assert f"{public['benign_accepted']} of {public['benign']} harmless" in PAGE
    assert f"{len(public['not_applicable'])} of the public cases" in PAGE
    obeyed = public["orders_obeyed"] + own["orders_obeyed"]
    assert f"followed {obeyed:,} orders" in PAGE


def test_it_names_every_layer_and_every_action() -> None:
    assert [name for name in (*PLAYS, *ACTIONS) if f"`{name}`" not in PAGE] == ["delta_batch", "drip"]
