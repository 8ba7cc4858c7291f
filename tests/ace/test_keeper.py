"""The keeper loads and keeps a playbook; what evidence decides is part of the commit that is due."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.ace.making import episode
from tta_dev_primitives.ace.episode import Episode
from tta_dev_primitives.ace.keeper import Keeper
from tta_dev_primitives.ace.options import AceOptions
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.store import Commit, Committed, open_store
from tta_dev_primitives.core.errors import StoreUnavailable
from tta_dev_primitives.testing import MemoryStore

OPTIONS = AceOptions(decide_every=5)


class Counting(MemoryStore):
    """Counts how often decisions loaded the playbook; who reads episodes lets others go on first."""

    def __init__(self) -> None:
        super().__init__()
        self.decisions = 0

    async def load(self) -> Playbook:
        self.decisions += 1
        return await super().load()

    async def episodes(self, *, since: int = 0, limit: int | None = None) -> tuple[Episode, ...]:
        found = await super().episodes(since=since, limit=limit)
        await asyncio.sleep(0)
        return found


def run(number: int) -> Commit:
    return Commit(run_id="r", episode=numbered(number))


def numbered(number: int) -> Episode:
    return episode(f"episode-{number}", success=number % 2 == 0)


@pytest.mark.parametrize(("at_once", "decisions"), [(1, 12), (3, 11), (20, 2)])
async def test_it_decides_once_each_time_that_enough_runs_are_new(at_once: int, decisions: int) -> None:
    store = Counting()
    keeper = Keeper(store, OPTIONS)

    for start in range(0, 60, at_once):
        async with asyncio.TaskGroup() as group:
            for number in range(start, start + at_once):
                group.create_task(keeper.keep(run(number)))

    assert store.decisions == decisions


async def test_nothing_is_decided_where_statuses_are_never_decided_on() -> None:
    store = Counting()
    keeper = Keeper(store, AceOptions(decide_every=0))

    for number in range(20):
        await keeper.keep(run(number))

    assert store.decisions == 0


async def test_it_knows_the_runs_of_other_writers() -> None:
    store = MemoryStore()
    keeper = Keeper(store, OPTIONS)
    await keeper.keep(run(0))
    await store.commit(run(2))

    assert (await keeper.record()).seen == 2
    assert keeper.known_record.success_rate == 1.0


def test_what_is_known_is_read_from_code_that_is_not_async(tmp_path: Path) -> None:
    file = tmp_path / "playbook.db"
    asyncio.run(open_store(file).commit(run(0)))

    keeper = Keeper(open_store(file), OPTIONS)
    assert (keeper.known_record.seen, keeper.known_playbook.size) == (1, 0)


async def test_a_commit_that_fails_is_told() -> None:
    class Full(MemoryStore):
        async def commit(self, commit: Commit) -> Committed:
            raise StoreUnavailable(f"disk full: {commit.run_id}")

    with pytest.raises(StoreUnavailable, match="disk full: r"):
        await Keeper(Full(), OPTIONS).keep(run(0))
