"""What the README and the pages say of kills, damage and many writers is what was recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

ROOT = Path(__file__).parents[2]


def text(page: str) -> str:
    return " ".join((ROOT / page).read_text(encoding="utf-8").split())


def recorded(name: str) -> dict[str, object]:
    path = ROOT / "benchmarks" / "results" / f"{name}.json"
    return cast("dict[str, object]", json.loads(path.read_text(encoding="utf-8")))


def test_a_thousand_kills_lost_nothing() -> None:
    store = cast("dict[str, int]", recorded("kills")["store"])

    assert store["kills"] >= 1_000
    assert (store["lost"], store["unreadable"]) == (0, 0)
    assert "killed a thousand times at random, it lost nothing" in text("README.md")


def test_no_damaged_copy_was_silently_another_playbook() -> None:
    damage = recorded("damage")

    assert (damage["damaged"], damage["silently_different"], damage["raw_exceptions"]) == (5_000, 0, 0)


def test_commits_that_wait_at_once_are_stored_many_times_as_fast() -> None:
    throughput = cast("dict[str, dict[str, float]]", recorded("group_commit")["throughput"])

    assert throughput["64 at once"]["times_as_many"] >= 9
    assert "64 at once are stored nine times as fast as one after another" in text("docs/sharing.md")


def test_none_of_eight_writers_falls_behind() -> None:
    stores = cast("dict[str, dict[str, float]]", recorded("fairness")["stores"])

    assert set(stores) == {"sqlite", "postgres"}
    for figures in stores.values():
        assert figures["present"] == 4_000
        assert figures["smallest_share_of_mean"] > 0.5
    assert "of eight at one playbook none falls behind" in text("docs/sharing.md")
