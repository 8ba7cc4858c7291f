# ruff: noqa: ASYNC240  # a test has its event loop for itself
"""Killed anywhere, in whatever it was writing: nothing acknowledged is lost, and all can be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ace.store.killing import PATHS, Killed, kill_a_writer
from tests.ace.store.killing_server import VICTIMS, check_server, kill_on_a_server
from tests.ace.store.postgres_server import PostgresServer
from tta_dev_primitives.ace.store import SqliteStore, open_store


async def check(folder: Path, killed: Killed) -> int:
    """Check the playbook and all other files, and return how many strategies it has."""
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
        assert (await SqliteStore(copy).load()).size
    for file in folder.glob("* *.db"):  # also what was being made when the writer was killed
        assert (await SqliteStore(file).verify()).sound
        for part in folder.glob(f"{file.name}*"):
            part.unlink()
    if (folder / "playbook.json").exists():
        assert (await open_store(folder / "playbook.json").load()).size == playbook.size
    return playbook.size


@pytest.mark.parametrize("only", PATHS)
async def test_nothing_acknowledged_is_lost(tmp_path: Path, only: str) -> None:
    for seed in range(3):
        killed = kill_a_writer(tmp_path, seed, only)
        await check(tmp_path, killed)
    sizes = [await check(tmp_path, kill_a_writer(tmp_path, seed, "commit")) for seed in range(100, 103)]
    assert max(sizes) > 0


@pytest.mark.parametrize("victim", VICTIMS)
async def test_a_server_loses_nothing_acknowledged_either(
    postgres: PostgresServer, postgres_url: str, victim: str
) -> None:
    await check_server(postgres_url, kill_on_a_server(postgres, postgres_url, 1, victim))
