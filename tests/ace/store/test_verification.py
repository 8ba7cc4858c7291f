"""Every kind of damage is named, and does not keep the rest from being read."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.ace.making import adding, episode
from tta_dev_primitives.ace.store import Commit, SqliteStore
from tta_dev_primitives.ace.store.postgres.store import PostgresStore
from tta_dev_primitives.ace.store.verification import NOTHING
from tta_dev_primitives.core.errors import ConfigurationError, PlaybookCorrupt


async def written(path: Path) -> SqliteStore:
    store = SqliteStore(path, snapshot_every=3)
    for number in range(8):
        await store.commit(adding(f"lesson {number}"))
    await store.commit(Commit(run_id="r", episode=episode()))
    return store


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        assert connection.execute(statement).rowcount == 1


async def test_nothing_is_sound(tmp_path: Path) -> None:
    assert await SqliteStore(tmp_path / "playbook.db").verify() == NOTHING
    assert not (tmp_path / "playbook.db").exists()


async def test_a_sound_playbook_is_told_so(tmp_path: Path) -> None:
    found = await (await written(tmp_path / "playbook.db")).verify()
    assert found.sound
    assert (found.version, found.events, found.episodes, found.snapshots) == (8, 8, 1, 2)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (
            "UPDATE events SET payload = replace(payload, 'lesson 2', 'lesson X') WHERE seq = 3",
            "events, row 3: it does not match its hash",
        ),
        ("UPDATE events SET actor = 'me' WHERE seq = 5", "events, row 5: it does not match its hash"),
        ("DELETE FROM events WHERE seq = 4", "events, row 4: it is missing"),
        ("DELETE FROM events WHERE seq = 8", "events, row 8: it is missing"),
        ("UPDATE events SET prev_hash = 'x' WHERE seq = 6", "events, row 6: it has a damaged prev_hash"),
        ("UPDATE head SET hash = 'x'", "head: it names another record than 8"),
        (
            "UPDATE head SET seq = 6, hash = (SELECT hash FROM events WHERE seq = 6)",
            "events, row 7: it comes after the end that head names",
        ),
        ("DELETE FROM head", "events, row 1: it comes after the end that head names"),
        (
            "UPDATE episodes SET payload = replace(payload, '{', '{ ')",
            "episodes, row 1: it does not match its digest",
        ),
        (
            "UPDATE snapshots SET payload = '{}' WHERE seq = 6",
            "snapshots, row 6: it does not match its digest",
        ),
        ("UPDATE snapshots SET hash = 'x' WHERE seq = 6", "snapshots, row 6: it is of another chain"),
    ],
)
async def test_each_damage_is_named(tmp_path: Path, statement: str, says: str) -> None:
    path = tmp_path / "playbook.db"
    store = await written(path)
    change(path, statement)
    found = await store.verify()
    assert not found.sound
    assert str(found.damages[0]).startswith(says)
    assert found.episodes == 1


async def test_a_snapshot_of_something_else_is_found(tmp_path: Path) -> None:
    path, other = tmp_path / "playbook.db", tmp_path / "other.db"
    store, foreign = await written(path), SqliteStore(other, snapshot_every=3)
    for number in range(6):
        await foreign.commit(adding(f"another lesson {number}"))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("ATTACH ? AS other", (str(other),))
        connection.execute(
            "UPDATE snapshots SET (payload, digest) ="
            " (SELECT payload, digest FROM other.snapshots WHERE seq = 6) WHERE seq = 6"
        )
    found = await store.verify()
    assert [str(item) for item in found.damages] == [
        "snapshots, row 6: it shows something else than the events before it"
    ]


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("CREATE TRIGGER t AFTER INSERT ON events BEGIN DELETE FROM events; END", "trigger 't'"),
        ("CREATE VIEW v AS SELECT 1", "view 'v'"),
        ("CREATE VIRTUAL TABLE f USING fts5(payload)", "virtual table 'f'"),
        ("DROP TABLE snapshots", "no table snapshots"),
    ],
)
async def test_a_file_that_was_prepared_to_harm_is_refused(tmp_path: Path, statement: str, says: str) -> None:
    path = tmp_path / "playbook.db"
    store = await written(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
    with pytest.raises(PlaybookCorrupt, match=says):
        await store.verify()
    with pytest.raises(PlaybookCorrupt, match=says):
        await SqliteStore(path).commit(adding("one more"))


async def test_all_damages_are_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "playbook.db"
    store = await written(path)
    change(path, "UPDATE events SET actor = 'me' WHERE seq = 2")
    change(path, "UPDATE events SET actor = 'me' WHERE seq = 7")
    change(path, "UPDATE episodes SET digest = 'x'")
    assert [(item.table, item.row) for item in (await store.verify()).damages] == [
        ("events", 2),
        ("events", 7),
        ("episodes", 1),
    ]


async def test_a_file_with_flipped_bytes_is_never_called_sound(tmp_path: Path) -> None:
    path = tmp_path / "playbook.db"
    store = await written(path)
    whole = path.read_bytes()
    unnoticed = 0
    for place in range(100, len(whole), 997):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x40]) + whole[place + 1 :])
        try:
            found = await store.verify()
        except PlaybookCorrupt:
            continue
        if found.sound:  # a byte of an unused part of a page
            unnoticed += 1
            assert await SqliteStore(path).history() == await store.history()
    path.write_bytes(whole)
    assert (await store.verify()).sound
    assert unnoticed < len(whole) // 997


async def test_a_damaged_row_of_a_server_is_named(postgres_url: str) -> None:
    store = PostgresStore(postgres_url)
    for number in range(3):
        await store.commit(adding(f"lesson {number}"))
    assert (await store.verify()).sound
    schema = postgres_url.partition("schema=")[2]
    with psycopg.connect(postgres_url.partition("?")[0]) as connection:
        connection.execute(f"UPDATE {schema}.events SET actor = 'me' WHERE seq = 2".encode())  # noqa: S608
    assert [str(item) for item in (await store.verify()).damages] == [
        "events, row 2: it does not match its hash"
    ]
    await store.aclose()


async def test_a_backup_is_made_while_others_write(tmp_path: Path) -> None:
    store = await written(tmp_path / "playbook.db")
    before = await store.load()
    target = tmp_path / "copies" / "backup.db"
    with closing(sqlite3.connect(tmp_path / "playbook.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE head SET seq = 99")
        await store.backup(target)
        writer.execute("ROLLBACK")
    await store.commit(adding("later"))
    copy = SqliteStore(target)
    assert await copy.load() == before
    assert (await copy.verify()).sound
    assert [file.name for file in target.parent.iterdir()] == ["backup.db"]
    await copy.commit(adding("the copy lives"))


async def test_a_backup_that_cannot_be_made_there_says_where(tmp_path: Path) -> None:
    store = await written(tmp_path / "playbook.db")
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r"file/backup\.db' cannot be a playbook"):
        await store.backup(tmp_path / "file" / "backup.db")


async def test_a_backup_replaces_nothing(tmp_path: Path) -> None:
    store = await written(tmp_path / "playbook.db")
    target = tmp_path / "backup.db"
    target.write_text("precious")
    with pytest.raises(ConfigurationError, match="exists"):
        await store.backup(target)
    assert target.read_text() == "precious"
    with pytest.raises(ConfigurationError, match="no playbook"):
        await SqliteStore(tmp_path / "none.db").backup(tmp_path / "new.db")
    assert not (tmp_path / "new.db").exists()
