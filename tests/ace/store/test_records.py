# ruff: noqa: ASYNC240  # a test has its event loop for itself
"""Damaged rows are named and set aside; the rest loads, the same for everybody."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.ace.making import adding
from tests.ace.store.test_verification import change
from tta_dev_primitives.ace.events import Add, Forget, Retire, SetAside, Suspend
from tta_dev_primitives.ace.merging import merge
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.store import Commit, SqliteStore, open_store
from tta_dev_primitives.ace.store.chain import GENESIS, link
from tta_dev_primitives.core.errors import PlaybookCorrupt

BROKEN = "UPDATE events SET payload = replace(payload, 'harmful', 'xxxxxxx') WHERE seq = 5"


async def written(path: Path, *, snapshot_every: int = 100) -> SqliteStore:
    """Four lessons, the second of which is retired in record 5, and one more."""
    store = SqliteStore(path, snapshot_every=snapshot_every)
    for number in range(1, 5):
        await store.commit(adding(f"lesson {number}"))
    second = tuple((await store.load()).bullets)[1]
    await store.commit(Commit(run_id="r", decisions=(Retire(bullet=second, reason="harmful"),)))
    await store.commit(adding("lesson 5"))
    return store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "playbook.db"


def standings(playbook: Playbook) -> list[str]:
    return [bullet.standing for bullet in playbook.bullets.values()]


def flip(path: Path, seq: int, column: str, text: bytes, bit: int) -> None:
    """Flip one bit of the first byte of `text` in a row."""
    with closing(sqlite3.connect(path)) as connection, connection:
        (raw,) = connection.execute(
            f"SELECT CAST({column} AS BLOB) FROM events WHERE seq = ?",  # noqa: S608
            (seq,),
        ).fetchone()
        place = raw.index(text)
        flipped = raw[:place] + bytes([raw[place] ^ (1 << bit)]) + raw[place + 1 :]
        connection.execute(
            f"UPDATE events SET {column} = CAST(? AS TEXT) WHERE seq = ?",  # noqa: S608
            (flipped, seq),
        )


async def test_a_damaged_retirement_brings_nothing_back(path: Path) -> None:
    whole = await (await written(path)).load()
    change(path, BROKEN)
    playbook = await SqliteStore(path).load()
    assert standings(playbook) == ["candidate", "damaged", "candidate", "candidate", "candidate"]
    assert playbook.active == whole.active
    assert [(aside.record, len(aside.bullets)) for aside in playbook.set_aside] == [(5, 1)]


async def test_every_reader_sees_the_same_wherever_it_begins(path: Path) -> None:
    await written(path)
    change(path, BROKEN)
    first = SqliteStore(path, snapshot_every=1)
    await first.commit(adding("lesson 6"))  # makes a snapshot of what is set aside
    await first.commit(adding("lesson 7"))
    loaded = await SqliteStore(path).load()
    assert loaded == await first.load()
    history = await SqliteStore(path).history()
    assert loaded == Playbook.fold(item.recorded for item in history)
    change(path, "DELETE FROM snapshots WHERE seq = (SELECT max(seq) FROM snapshots)")
    assert loaded == await SqliteStore(path).load()
    assert standings(await SqliteStore(path).at_version(4)) == ["candidate"] * 4
    assert (await first.history(since=4))[0].recorded.event == history[4].recorded.event


async def test_a_commit_neither_hides_the_damage_nor_is_held_up(path: Path) -> None:
    await written(path)
    change(path, BROKEN)
    store = SqliteStore(path, snapshot_every=1)
    await store.commit(adding("lesson 6"))
    assert [damage.row for damage in (await store.verify()).damages] == [5]
    assert [aside.record for aside in (await SqliteStore(path).load()).set_aside] == [5]
    assert "lesson 6" in {bullet.content for bullet in (await SqliteStore(path).load()).active}


async def test_a_snapshot_from_before_the_damage_still_tells_what_was_so(path: Path) -> None:
    whole = await (await written(path, snapshot_every=6)).load()
    change(path, BROKEN)
    assert await SqliteStore(path).load() == whole
    assert [damage.row for damage in (await SqliteStore(path).verify()).damages] == [5]


@pytest.mark.parametrize("bit", range(8))
async def test_a_flipped_bit_is_found_by_the_hash(path: Path, bit: int) -> None:
    whole = await (await written(path)).load()
    flip(path, 5, "payload", b"harmful", bit)
    flip(path, 2, "run_id", b"run-1", bit)
    change(path, "UPDATE events SET at = at + (CASE WHEN at & 1024 THEN -1024 ELSE 1024 END) WHERE seq = 3")
    assert await SqliteStore(path).load() == whole
    damages = (await SqliteStore(path).verify()).damages
    assert [damage.row for damage in damages] == [2, 3, 5]
    assert "one flipped bit" in damages[0].problem


async def test_a_damaged_hash_is_proven_by_the_rows_around_it(path: Path) -> None:
    store = await written(path)
    whole = await store.load()
    change(path, "UPDATE events SET hash = 'x' WHERE seq = 2")
    change(path, "UPDATE events SET prev_hash = 'x' WHERE seq = 4")
    change(path, "UPDATE events SET event_id = 'x' WHERE seq = 5")
    change(path, "UPDATE events SET hash = 'x' WHERE seq = 6")
    assert await SqliteStore(path).load() == whole
    assert [damage.row for damage in (await SqliteStore(path).verify()).damages] == [2, 4, 5, 6]


async def test_what_lost_its_id_leaves_nothing_before_it_in_use(path: Path) -> None:
    await written(path)
    change(path, "UPDATE events SET payload = 'nothing' WHERE seq = 5")
    playbook = await SqliteStore(path).load()
    assert [bullet.content for bullet in playbook.active] == ["lesson 5"]


async def test_a_merge_with_a_backup_brings_back_what_was_lost(path: Path) -> None:
    store = await written(path)
    whole, backup = await store.load(), path.with_name("backup.db")
    await store.backup(backup)
    change(path, BROKEN)
    change(path, "UPDATE events SET payload = 'nothing' WHERE seq = 2")
    damaged, sound = SqliteStore(path), SqliteStore(backup)
    for first, second in ((damaged, sound), (sound, damaged)):
        merged = merge(
            [item.recorded for item in await first.history()],
            [item.recorded for item in await second.history()],
        )
        assert merged.playbook == whole
    alone = merge([item.recorded for item in await damaged.history()], [])
    out = SqliteStore(path.with_name("union.db"))
    await out.begin_with(alone.records, ())
    assert await SqliteStore(path.with_name("union.db")).load() == await damaged.load()
    assert [item.hash for item in await out.history()] == [item.hash for item in await damaged.history()]


async def test_what_is_forgotten_leaves_damaged_rows_too(path: Path) -> None:
    store = await written(path)
    third = tuple((await store.load()).bullets)[2]
    change(path, "UPDATE events SET payload = replace(payload, 'curator', 'xxxxxxx') WHERE seq = 3")
    store = SqliteStore(path)
    await store.commit(Commit(run_id="r", decisions=(Forget(bullet=third, reason="private"),)))
    await store.purge()
    assert b"lesson 3" not in path.read_bytes()
    playbook = await SqliteStore(path).load()
    assert playbook.bullets[third].forgotten
    assert [aside.record for aside in playbook.set_aside] == [3]


async def test_a_json_file_neither_lifts_nor_retires_what_is_in_doubt(path: Path) -> None:
    view = path.with_suffix(".json")
    store = open_store(view)
    for number in range(1, 4):
        await store.commit(adding(f"lesson {number}"))
    change(path, "UPDATE events SET payload = replace(payload, 'curator', 'xxxxxxx') WHERE seq = 2")
    text = view.read_text()
    view.write_text(text.replace("lesson 3", "lesson three"))
    playbook = await open_store(view).load()
    assert standings(playbook) == ["candidate", "damaged", "candidate"]
    assert [bullet.content for bullet in playbook.active] == ["lesson 1", "lesson three"]
    assert standings(await open_store(view).load()) == standings(playbook)


async def test_a_damaged_suspension_inside_a_commit_is_set_aside_alone(path: Path) -> None:
    store = SqliteStore(path)
    await store.commit(adding("one", "two", "three"))
    ids = tuple((await store.load()).bullets)
    await store.commit(
        Commit(run_id="r", decisions=tuple(Suspend(bullet=one, reason=f"bad {one}") for one in ids))
    )
    change(path, "UPDATE events SET payload = replace(payload, 'bad', 'xxx') WHERE seq = 5")
    playbook = await SqliteStore(path).load()
    assert standings(playbook) == ["suspended", "damaged", "suspended"]
    assert playbook.size == 0


async def test_the_record_that_stands_in_keeps_the_id_in_the_chain(path: Path) -> None:
    store = await written(path)
    whole = await store.history()
    change(path, BROKEN)
    history = await SqliteStore(path).history()
    assert isinstance(history[4].recorded.event, SetAside)
    assert isinstance(history[3].recorded.event, Add)
    assert [item.recorded.event_id for item in history] == [item.recorded.event_id for item in whole]
    last = GENESIS
    for item in history:
        last = link(last, item.seq, item.recorded.event_id)
    assert last == whole[-1].hash


async def test_missing_records_are_refused_with_the_remedy(path: Path) -> None:
    await written(path)
    change(path, "DELETE FROM events WHERE seq = 5")
    with pytest.raises(PlaybookCorrupt, match=r"record 5 .*missing.*salvage"):
        await SqliteStore(path).load()


@pytest.mark.parametrize("damage", ["hash = 'x'", "prev_hash = 'x'"])
@pytest.mark.parametrize("seq", [3, 4])
async def test_history_begins_also_after_a_damaged_hash(path: Path, damage: str, seq: int) -> None:
    whole = await (await written(path)).history()
    change(path, f"UPDATE events SET {damage} WHERE seq = {seq}")  # noqa: S608
    store = SqliteStore(path)
    for since in range(len(whole) + 1):
        assert await store.history(since=since) == whole[since:]


@pytest.mark.parametrize("column", ["event_id", "prev_hash", "hash"])
async def test_what_has_a_damaged_hash_can_be_forgotten(path: Path, column: str) -> None:
    await written(path)
    change(path, f"UPDATE events SET {column} = 'x' WHERE seq = 2")  # noqa: S608
    store = SqliteStore(path)
    second = tuple((await store.load()).bullets)[1]
    await store.commit(Commit(run_id="r", decisions=(Forget(bullet=second, reason="asked to"),)))
    loaded = await SqliteStore(path).load()
    history = await SqliteStore(path).history()
    assert loaded == Playbook.fold(item.recorded for item in history)
    assert loaded.set_aside == ()
    assert "lesson 2" not in repr(history)


async def test_a_flipped_bit_in_the_id_of_what_was_forgotten_costs_nothing(path: Path) -> None:
    store = await written(path)
    second = tuple((await store.load()).bullets)[1]
    await store.commit(Commit(run_id="r", decisions=(Forget(bullet=second, reason="asked to"),)))
    whole = await store.load()
    (record,) = [item for item in await store.history() if item.seq == 2]
    flip(path, 2, "event_id", record.recorded.event_id.encode(), 3)
    change(path, "DELETE FROM snapshots")
    assert await SqliteStore(path).load() == whole
    assert [one.row for one in (await SqliteStore(path).verify()).damages] == [2]
