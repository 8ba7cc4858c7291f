"""Many processes write one playbook: every commit is there, and no writer is left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ace.store.contest import contest
from tta_dev_primitives.ace.store import open_store


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_no_writer_is_left_behind(request: pytest.FixtureRequest, tmp_path: Path, kind: str) -> None:
    place = tmp_path / "playbook.db" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    found = contest(place, writers=4, commits=30)
    store = open_store(place)
    playbook = await store.load()
    expected = {f"lesson w{writer} {number}" for writer in range(4) for number in range(30)}
    assert {bullet.content for bullet in playbook.active} == expected
    assert playbook.version == len(await store.history()) == 120
    assert min(found.shares) >= 0.5, found.shares
    await store.aclose()
