"""Figures that the documents tell are those that were recorded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

ROOT = Path(__file__).parents[2]
EVIDENCE = " ".join((ROOT / "docs" / "evidence.md").read_text(encoding="utf-8").split())


def recorded(name: str, *path: str) -> float:
    found: object = json.loads((ROOT / "benchmarks" / "results" / f"{name}.json").read_text(encoding="utf-8"))
    for key in path:
        found = cast("Mapping[str, object]", found)[key]
    return cast("float", found)


def test_the_simulation_of_evidence() -> None:
    def final(share: str, policy: str, figure: str = "final") -> float:
        return 100 * recorded(
            "evidence_sim", "policies", f"{share} % harmful, 600 tasks, 40 seeds", policy, figure, "mean"
        )

    every, ours = "include all", "blocks (default)"
    assert f"{final('25', ours):.0f} % of fresh tasks succeed" in EVIDENCE
    assert f"and {final('25', every):.0f} % when all is kept" in EVIDENCE
    lower = final("5", every, "online") - final("5", ours, "online")
    higher = final("5", ours) - final("5", every)
    assert f"{lower:.1f} points lower than when all is kept, and {higher:.1f} points higher" in EVIDENCE
    badges = [
        100 * recorded("evidence_sim", "peeking", "badges", f"no effect, {who}", "badges")
        for who in ("bets on coins", "replays", "Beta posterior > .95")
    ]
    assert f"{badges[0]:.1f} % earn a false badge by coins and {badges[1]:.1f} % by replays" in EVIDENCE
    assert f"{badges[2]:.1f} %" in EVIDENCE


def test_the_comparison_with_other_systems() -> None:
    def of(system: str, figure: str) -> float:
        return recorded("against_peers", "systems", system, figure)

    ours, release, kayba = "Playbox, 8 in flight", "ACE, paper release, ", "Kayba ACE"
    offline, online = f"{release}offline", f"{release}online"
    assert f"{of(ours, 'calls'):.1f} model calls a training task" in EVIDENCE
    told = f"{of(offline, 'calls'):.1f} offline and {of(online, 'calls'):.1f} online"
    assert f"{told} and Kayba ACE {of(kayba, 'calls'):.1f}" in EVIDENCE
    assert round(of(ours, "seconds") / of(online, "seconds"), 1) == 0.1  # "a tenth"
    shares = [of(system, "reusable") for system in (ours, kayba, offline)]
    mine, least, most = (f"{share:.2f}".removeprefix("0") for share in shares)
    assert f"{mine} of a prompt equal" in EVIDENCE
    assert f"theirs {least} to {most}" in EVIDENCE
