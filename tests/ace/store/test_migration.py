# ruff: noqa: ASYNC240  # a test has its event loop for itself
"""A playbook of schema version 1, as that version wrote it, becomes one of today, or stays as it was."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.ace.making import adding
from tests.ace.store.forked import killed_before_each_call
from tta_dev_primitives.ace.store import SqliteStore, schema
from tta_dev_primitives.core.errors import PlaybookTooNew

WRITTEN = Path(__file__).with_name("version_1.db")
LESSONS = ["lesson 0, reworded", *(f"lesson {number}" for number in range(1, 5))]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "written").mkdir()
    return Path(shutil.copy(WRITTEN, tmp_path / "written" / "playbook.db"))


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


async def contents(path: Path) -> list[str]:
    return [bullet.content for bullet in (await SqliteStore(path).load()).active]


async def test_it_can_be_read_as_it_is(path: Path) -> None:
    before = path.read_bytes()
    store = SqliteStore(path)
    assert await contents(path) == LESSONS
    assert [bullet.content for bullet in (await store.at_version(2)).active] == ["lesson 0", "lesson 1"]
    assert (await store.verify()).sound
    assert len(await store.history()) == 6
    assert [item.id for item in await store.episodes()] == ["episode-1"]
    await store.backup(path.with_name("copy.db"))
    assert await contents(path.with_name("copy.db")) == LESSONS
    assert (version(path), path.read_bytes()) == (1, before)


async def test_the_first_write_brings_it_to_the_present_version(path: Path) -> None:
    history = await SqliteStore(path).history()
    await SqliteStore(path).commit(adding("new"))
    assert version(path) == schema.VERSION
    assert await contents(path) == [*LESSONS, "new"]
    assert (await SqliteStore(path).history())[:6] == history
    assert (await SqliteStore(path).verify()).sound


async def test_it_can_be_compacted_at_once(path: Path) -> None:
    history = await SqliteStore(path).history()
    assert (await SqliteStore(path).compact(keep=2)).version == 4
    assert await contents(path) == LESSONS
    assert (await SqliteStore(path).history())[:6] == history
    assert (await SqliteStore(path).verify()).sound


async def test_a_package_that_knows_less_refuses_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await SqliteStore(path).commit(adding("new"))
    monkeypatch.setattr(schema, "VERSION", 1)  # as the package was that wrote the file
    before = path.read_bytes()
    for work in (SqliteStore(path).load, SqliteStore(path).history, SqliteStore(path).verify):
        with pytest.raises(PlaybookTooNew, match="schema version 2, this package knows up to 1; upgrade"):
            await work()
    with pytest.raises(PlaybookTooNew):
        await SqliteStore(path).commit(adding("lost"))
    assert path.read_bytes() == before


async def test_killed_anywhere_in_migrating_it_is_what_it_was_or_what_it_becomes(path: Path) -> None:
    states = list[tuple[int, int]]()
    for folder in killed_before_each_call(path.parent, migrate):
        found = await SqliteStore(folder / path.name).verify()
        assert found.sound, (len(states), found.damages)
        states.append((version(folder / path.name), found.version))
    assert states == sorted(states)
    assert set(states) == {(1, 6), (schema.VERSION, 7)}


async def migrate(folder: Path) -> None:
    await SqliteStore(folder / "playbook.db").commit(adding("new"))
