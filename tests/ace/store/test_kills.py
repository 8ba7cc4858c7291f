"""Killed anywhere, in whatever it was writing: nothing acknowledged is lost, and all can be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ace.store.killing import Killed, kill_a_writer
from tta_dev_primitives.ace.store import SqliteStore, open_store


async def check(folder: Path, killed: Killed) -> int:
    """Check the playbook and its copies, and return how many strategies it has."""
    store = SqliteStore(folder / "playbook.db")
    found = await store.verify()
    assert found.sound, found.damages
    playbook = await store.load()
    told = {bullet.content.partition(" reworded")[0] for bullet in playbook.bullets.values()}
    assert killed.lessons <= told
    assert {item.id for item in await store.episodes()} >= killed.lessons
    assert not killed.forgotten & told
    assert not any(name.encode() in (folder / "playbook.db").read_bytes() for name in killed.forgotten)
    for copy in killed.copies:
        assert (await SqliteStore(copy).verify()).sound
        copy.unlink()
    if (folder / "playbook.json").exists():
        assert (await open_store(folder / "playbook.json").load()).size == playbook.size
    return playbook.size


@pytest.mark.parametrize("first", range(0, 24, 8))
async def test_nothing_acknowledged_is_lost(tmp_path: Path, first: int) -> None:
    for seed in range(first, first + 8):
        killed = kill_a_writer(tmp_path, seed)
        await check(tmp_path, killed)
    assert await check(tmp_path, kill_a_writer(tmp_path, first + 100)) > 0
