# a test has its event loop for itself
"""Killed in the middle of a compaction, a purge or a group: all of it happened, or nothing."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from tests.ace.making import adding, episode
from tests.ace.store.forked import killed_before_each_call
from tta_dev_primitives.ace.events import Forget
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.store import Commit, SqliteStore, open_store
from tta_dev_primitives.ace.store.database import Database
from tta_dev_primitives.ace.store.group import Waiting
from tta_dev_primitives.ace.store.json_view import JsonView

COUNT = 20


@pytest.fixture(params=["playbook.db", "playbook.json"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def filled(path: Path) -> list[Playbook]:
    path.parent.mkdir()
    store = open_store(path)
    commits = (
        Commit(run_id="r", delta=adding(f"lesson {number}").delta, episode=episode(f"e{number}"))
        for number in range(COUNT)
    )
    answers = await asyncio.gather(*map(store.commit, commits))
    return [Playbook(), *(answer.playbook for answer in answers)]


async def test_a_compaction_killed_anywhere_moves_all_or_nothing(tmp_path: Path) -> None:
    seen, states = await filled(tmp_path / "whole" / "playbook.db"), list[int]()

    async def compact(folder: Path) -> None:
        await SqliteStore(folder / "playbook.db").compact(keep=2)

    for folder in killed_before_each_call(tmp_path / "whole", compact):
        store = SqliteStore(folder / "playbook.db")
        found = await store.verify()
        assert found.sound, (len(states), found.damages)
        assert found.missing == ()
        assert (found.base, found.version) in {(0, COUNT), (COUNT - 2, COUNT + 1)}
        assert await store.at_version(COUNT // 2) == seen[COUNT // 2]
        assert (await store.load()).active == seen[-1].active
        assert found.episodes == COUNT
        states.append(found.base)
    assert states == sorted(states)
    assert set(states) == {0, COUNT - 2}


async def test_a_compaction_that_was_killed_is_done_by_the_next(tmp_path: Path) -> None:
    await filled(tmp_path / "whole" / "playbook.db")

    async def compact(folder: Path) -> None:
        await SqliteStore(folder / "playbook.db").compact(keep=2)

    for folder in killed_before_each_call(tmp_path / "whole", compact):
        if not list(folder.glob(".playbook.db-archive-*")):
            continue
        await compact(folder)
        assert (await SqliteStore(folder / "playbook.db").verify()).base == COUNT - 2
        assert not list(folder.glob(".*"))
        return
    raise AssertionError("it was never killed while it wrote the archive")


async def test_a_purge_killed_anywhere_leaves_a_sound_playbook(tmp_path: Path) -> None:
    whole = tmp_path / "whole" / "playbook.db"
    await filled(whole)
    await SqliteStore(whole).compact(keep=5)
    forget = Forget(bullet="str-00001", reason="x")
    await SqliteStore(whole).commit(Commit(run_id="r", decisions=(forget,)))
    last = tmp_path

    async def purge(folder: Path) -> None:
        await SqliteStore(folder / "playbook.db").purge()

    for folder in killed_before_each_call(tmp_path / "whole", purge):
        last = folder
        found = await SqliteStore(folder / "playbook.db").verify()
        assert found.sound, (folder, found.damages)
        assert found.missing == ()
        assert (await SqliteStore(folder / "playbook.db").load()).size == COUNT - 1
    assert int(last.name.partition("-")[2]) > 15


def database(path: Path) -> Database:
    view = JsonView(path) if path.suffix == ".json" else None
    return Database(
        path.with_suffix(".db"), view=view, clock=time.time_ns, lock_timeout_s=5, snapshot_every=COUNT
    )


async def test_a_group_killed_anywhere_is_stored_as_a_whole_or_not_at_all(tmp_path: Path, name: str) -> None:
    await filled(tmp_path / "whole" / name)
    states = list[int]()

    async def write(folder: Path) -> None:
        group = [Waiting(commit=adding(f"new {number}")) for number in range(3)]
        await asyncio.to_thread(database(folder / name).write, lambda: group, lambda: False)

    for folder in killed_before_each_call(tmp_path / "whole", write):
        found = await open_store(folder / name).verify()
        assert found.sound
        states.append(found.version - COUNT)
    assert states == sorted(states)
    assert set(states) == {0, 3}
