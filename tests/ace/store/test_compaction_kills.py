# ruff: noqa: ASYNC240  # a test has its event loop for itself
"""Killed in the middle of a compaction: nothing is lost, and the next one works."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.ace.making import adding, episode
from tests.ace.store.forked import killed_while
from tta_dev_primitives.ace.events import Forget
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.store import Commit, SqliteStore, open_store

COUNT = 60


async def filled(path: Path) -> list[Playbook]:
    store = open_store(path)
    commits = (
        Commit(run_id="r", delta=adding(f"lesson {number}").delta, episode=episode(f"e{number}"))
        for number in range(COUNT)
    )
    answers = await asyncio.gather(*map(store.commit, commits))
    return [Playbook(), *(answer.playbook for answer in answers)]


@pytest.mark.parametrize("name", ["playbook.db", "playbook.json"])
@pytest.mark.parametrize("first", [0, 10])
async def test_a_killed_compaction_moves_all_or_nothing(tmp_path: Path, name: str, first: int) -> None:
    path = tmp_path / name
    seen = await filled(path)
    ended = 0
    for seed in range(first, first + 10):
        keep = COUNT - 5 * (seed - first + 1)
        before = (await open_store(path).verify()).version
        done = killed_while(lambda: open_store(path).compact(keep=keep), seed=seed, most_s=0.06)  # noqa: B023
        ended += done
        store = open_store(path)
        found = await store.verify()
        assert found.sound, (seed, found.damages)
        assert found.missing == ()
        assert not done or found.base == before - keep
        assert found.version in {before, before + 1}
        assert len(await store.history()) == found.version
        for version in (1, COUNT // 2, COUNT):
            assert await store.at_version(version) == seen[version]
        assert len(await store.episodes()) == COUNT
    await open_store(path).compact(keep=0)
    assert (await open_store(path).verify()).sound
    assert not list(tmp_path.glob(".playbook.db-archive-*"))


async def test_a_killed_purge_can_be_done_again(tmp_path: Path) -> None:
    path = tmp_path / "playbook.db"
    await filled(path)
    await SqliteStore(path).compact(keep=20)
    for number, seed in enumerate(range(8), start=1):
        forget = Forget(bullet=f"str-{number:05d}", reason="x")
        await SqliteStore(path).commit(Commit(run_id="r", decisions=(forget,)))
        killed_while(lambda: SqliteStore(path).purge(), seed=seed, most_s=0.04)
        found = await SqliteStore(path).verify()
        assert found.sound, (seed, found.damages)
        assert found.missing == ()
        assert (await SqliteStore(path).load()).size == COUNT - number
    purged = await SqliteStore(path).purge()
    assert purged.unreached == ()
    assert not list(tmp_path.glob(".*"))
