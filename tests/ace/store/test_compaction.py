# ruff: noqa: ASYNC240  # a test has its event loop for itself
"""Compaction moves old events out; nothing that decides is lost, and all of it can still be proved."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ace.making import adding, delta, deltas, episode, provenance
from tests.full_disk import room_for
from tta_dev_primitives.ace.bullet import FOREIGN, Trigger
from tta_dev_primitives.ace.content import Kind
from tta_dev_primitives.ace.delta import Delta, ImportBullet, ReviseBullet
from tta_dev_primitives.ace.events import Compacted, Forget
from tta_dev_primitives.ace.evidence.ledger import beliefs_of
from tta_dev_primitives.ace.gate.rollback import rollback
from tta_dev_primitives.ace.merging import merge
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.store import Commit, SqliteStore, open_store
from tta_dev_primitives.core.errors import (
    ConfigurationError,
    PlaybookArchiveMissing,
    PlaybookCorrupt,
    StoreUnavailable,
)

TOLD = "Mrs Quillfeather lives at Tarn 9."
Lines: TypeAlias = list[list[object]]
FORGET = Commit(run_id="r", decisions=(Forget(bullet="str-00001", reason="asked to"),), actor="user")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "playbook.db"


async def filled(path: Path, count: int = 12) -> list[Playbook]:
    """Write a playbook with a strategy that is to be forgotten, and return all its versions."""
    store = SqliteStore(path, snapshot_every=3)
    told = ImportBullet(kind=Kind.RULE, content=TOLD, trigger=Trigger(keywords=("Quillfeather",)))
    commits = [Commit(run_id="r", delta=delta(told))]
    for number in range(count - 1):
        lesson = adding(f"lesson {number}").delta
        commits.append(Commit(run_id="r", delta=lesson, episode=episode(f"e{number}")))
    answers = await asyncio.gather(*map(store.commit, commits))
    return [Playbook(), *(answer.playbook for answer in answers)]


def told_in(playbook: Playbook) -> str:
    return repr(list(playbook.bullets.values()))


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def payloads(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [text for (text,) in connection.execute("SELECT payload FROM events ORDER BY seq")]


def lines(archive: Path) -> Lines:
    return [json.loads(line) for line in gzip.decompress(archive.read_bytes()).splitlines()]


def write(archive: Path, rows: Lines) -> None:
    archive.write_bytes(gzip.compress(b"".join(json.dumps(row).encode() + b"\n" for row in rows)))


async def test_old_payloads_go_to_the_archive_and_every_version_can_be_seen(path: Path) -> None:
    seen = await filled(path)
    before, history = payloads(path), await SqliteStore(path).history()
    done = await SqliteStore(path).compact(keep=4)
    archive = path.with_name("playbook.db-archive-8.jsonl.gz")
    assert done.archive == archive
    assert (done.version, done.events, done.shrunk) == (8, 8, True)
    assert payloads(path)[:12] == [""] * 8 + before[8:]
    assert [row[5] for row in lines(archive)] == before[:8]
    store = SqliteStore(path)
    assert [await store.at_version(version) for version in range(13)] == seen
    later = await store.history()
    assert later[:12] == history
    event = later[12].recorded.event
    assert isinstance(event, Compacted)
    assert (event.version, event.hash) == (8, history[7].hash)
    assert (await store.load()).active == seen[-1].active
    found = await store.verify()
    assert found.sound
    assert (found.base, found.missing) == (8, ())


async def test_what_decides_stays(path: Path) -> None:
    seen = await filled(path)
    episodes = await SqliteStore(path).episodes()
    await SqliteStore(path).compact(keep=0)
    path.with_name("playbook.db-archive-12.jsonl.gz").unlink()
    store = SqliteStore(path)
    playbook = await store.load()
    assert playbook.bullets == seen[-1].bullets
    assert await store.episodes() == episodes
    assert beliefs_of(playbook, episodes) == beliefs_of(seen[-1], episodes)
    again = await store.commit(Commit(run_id="r", delta=adding("lesson 3").delta, episode=episode("e3")))
    assert again.repeated


async def test_without_its_archive_old_versions_are_missed_by_name(path: Path) -> None:
    seen = await filled(path)
    done = await SqliteStore(path).compact(keep=4)
    assert done.archive is not None
    away = done.archive.rename(path.parent / "away")
    store = SqliteStore(path)
    for work in (store.at_version(3), store.history(), store.history(since=7)):
        with pytest.raises(PlaybookArchiveMissing, match=r"playbook\.db-archive-8\.jsonl\.gz.*put it back"):
            await work
    assert issubclass(PlaybookArchiveMissing, FileNotFoundError)
    assert [await store.at_version(version) for version in range(8, 13)] == seen[8:]
    assert [item.seq for item in await store.history(since=8)] == list(range(9, 14))
    await store.commit(adding("goes on"))
    found = await store.verify()
    assert found.sound
    assert found.missing == (str(done.archive),)
    away.rename(done.archive)
    assert await store.at_version(3) == seen[3]
    assert (await store.verify()).missing == ()


async def test_it_can_be_compacted_again(path: Path) -> None:
    seen = await filled(path)
    store = SqliteStore(path)
    assert (await store.compact(keep=8)).version == 4
    assert (await store.compact(keep=3)).version == 10
    assert (await store.compact(keep=4)).archive is None
    assert (await store.compact()).archive is None
    assert [await store.at_version(version) for version in range(13)] == seen
    assert (await store.verify()).sound
    path.with_name("playbook.db-archive-4.jsonl.gz").unlink()
    assert await SqliteStore(path).at_version(12) == seen[12]
    with pytest.raises(PlaybookArchiveMissing, match="archive-4"):
        await SqliteStore(path).at_version(4)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(deltas, min_size=1, max_size=6), cuts=st.lists(st.integers(0, 5), min_size=1, max_size=3)
)
async def test_whatever_is_compacted_folds_to_the_same(
    tmp_path_factory: pytest.TempPathFactory, parts: list[Delta], cuts: list[int]
) -> None:
    path = tmp_path_factory.mktemp("any") / "playbook.db"
    store = SqliteStore(path, snapshot_every=2)
    seen = {0: Playbook()}
    for number, part in enumerate(parts):
        playbook = (await store.commit(Commit(run_id=f"r{number}", delta=part))).playbook
        seen[playbook.version] = playbook
        if number < len(cuts):
            await store.compact(keep=cuts[number])
    again = SqliteStore(path)
    assert {version: await again.at_version(version) for version in seen} == seen
    assert (await again.verify()).sound


async def test_an_archive_may_be_anywhere(path: Path, tmp_path: Path) -> None:
    seen = await filled(path)
    elsewhere = tmp_path / "archives" / "old.gz"
    store = SqliteStore(path)
    assert (await store.compact(keep=4, archive=elsewhere)).archive == elsewhere
    assert await SqliteStore(path).at_version(2) == seen[2]
    await store.commit(adding("more"))
    with pytest.raises(ConfigurationError, match="exists; an archive is a new file"):
        await store.compact(keep=0, archive=elsewhere)
    with pytest.raises(ConfigurationError, match=r"keep=-1"):
        await store.compact(keep=-1)
    assert (await SqliteStore(tmp_path / "none.db").compact()).archive is None
    assert not (tmp_path / "none.db").exists()


async def test_moved_together_they_are_found_together(path: Path, tmp_path: Path) -> None:
    seen = await filled(path)
    await SqliteStore(path).compact(keep=4)
    (tmp_path / "new").mkdir()
    for file in list(tmp_path.glob("playbook.db*")):
        file.rename(tmp_path / "new" / file.name)
    assert await SqliteStore(tmp_path / "new" / "playbook.db").at_version(2) == seen[2]


async def test_a_backup_has_its_own_archives(path: Path, tmp_path: Path) -> None:
    seen = await filled(path)
    store = SqliteStore(path)
    await store.compact(keep=8, archive=tmp_path / "elsewhere.gz")
    await store.compact(keep=4)
    await store.backup(tmp_path / "copies" / "monday.db")
    for file in tmp_path.glob("*.gz"):
        file.unlink()
    copy = SqliteStore(tmp_path / "copies" / "monday.db")
    assert await copy.at_version(2) == seen[2]
    assert (await copy.verify()).sound
    assert sorted(file.name for file in (tmp_path / "copies").iterdir()) == [
        "monday.db",
        "monday.db-archive-4.jsonl.gz",
        "monday.db-archive-9.jsonl.gz",
    ]
    (tmp_path / "copies" / "monday.db").unlink()
    with pytest.raises(ConfigurationError, match=r"archive-4\.jsonl\.gz' exists"):
        await copy_of(tmp_path / "copies" / "monday.db-archive-4.jsonl.gz", store, tmp_path)


async def copy_of(archive: Path, store: SqliteStore, folder: Path) -> None:
    """Back up to where an archive of an earlier backup is."""
    shutil.copy(archive, folder / "elsewhere.gz")
    await store.backup(archive.with_name("monday.db"))


async def test_merging_and_rolling_back_go_on(path: Path, tmp_path: Path) -> None:
    seen = await filled(path)
    store = SqliteStore(path)
    await store.backup(tmp_path / "other.db")
    await store.compact(keep=4)
    other = SqliteStore(tmp_path / "other.db")
    await other.commit(adding("theirs"))
    ours, theirs = [[item.recorded for item in await one.history()] for one in (store, other)]
    merged = merge(
        ours, theirs, first_episodes=await store.episodes(), second_episodes=await other.episodes()
    )
    assert (merged.shared, merged.only_first, merged.only_second) == (12, 1, 1)
    union = SqliteStore(tmp_path / "union.db")
    await union.begin_with(merged.records, merged.episodes)
    assert (await union.verify()).sound
    undone = rollback(await store.load(), await store.at_version(3), reason="x")
    after = (await store.commit(Commit(run_id="r", decisions=undone))).playbook
    assert [bullet.content for bullet in after.active] == [bullet.content for bullet in seen[3].active]


async def test_what_is_forgotten_goes_from_base_and_archives(path: Path) -> None:
    await filled(path)
    store = SqliteStore(path, snapshot_every=3)
    reworded = ReviseBullet(bullet="str-00001", revision=1, content=f"{TOLD} Really.")
    await store.commit(Commit(run_id="r", delta=delta(reworded)))
    await store.compact(keep=8)
    await store.compact(keep=1)
    archives = sorted(path.parent.glob("*.gz"))
    assert len(archives) == 2
    assert "Quillfeather" in str(lines(archives[0]))
    assert b"Quillfeather" in path.read_bytes()
    await store.commit(FORGET)
    assert "Quillfeather" not in repr(await store.history())
    for version in range(15):
        assert "Quillfeather" not in told_in(await store.at_version(version))
    purged = await store.purge()
    assert sorted(purged.erased) == archives
    assert purged.unreached == ()
    assert not any("Quillfeather" in str(lines(archive)) for archive in archives)
    assert not [file for file in path.parent.iterdir() if b"Quillfeather" in file.read_bytes()]
    assert (await store.verify()).sound
    assert (await SqliteStore(path).load()).bullets == (await store.load()).bullets
    assert (await store.purge()).erased == ()


async def test_an_archive_that_is_not_reached_is_named_and_reached_later(path: Path) -> None:
    await filled(path)
    store = SqliteStore(path)
    await store.compact(keep=4)
    archive = path.with_name("playbook.db-archive-8.jsonl.gz")
    away = archive.rename(path.parent / "away")
    await store.commit(FORGET)
    purged = await store.purge()
    assert len(purged.unreached) == 1
    assert str(archive) in purged.unreached[0]
    away.rename(archive)
    assert "Quillfeather" not in repr(await store.history())
    assert (await store.verify()).sound
    assert (await store.purge()).erased == (archive,)
    assert "Quillfeather" not in str(lines(archive))


async def test_an_archive_left_by_a_crash_is_purged_too(path: Path) -> None:
    await filled(path)
    store = SqliteStore(path)
    await store.backup(path.with_name("copy.db"))
    await SqliteStore(path.with_name("copy.db")).compact(keep=4)
    left = path.with_name("playbook.db-archive-8.jsonl.gz")
    path.with_name("copy.db-archive-8.jsonl.gz").rename(left)
    part = path.with_name(".playbook.db-archive-8.jsonl.gz.tmp")
    shutil.copy(left, part)
    await store.commit(FORGET)
    assert (await store.purge()).erased == (left,)
    assert not part.exists()


async def test_a_file_kept_as_it_was_is_deleted_once_something_is_forgotten(tmp_path: Path) -> None:
    path, original = tmp_path / "team.json", tmp_path / "team.json.orig"
    store = open_store(path)
    await store.commit(adding(TOLD, "kept"))
    original.write_text(TOLD)
    assert (await store.purge()).removed == ()
    await store.commit(FORGET)
    assert (await store.purge()).removed == (original,)
    assert not original.exists()


def emptied(row: list[object]) -> list[object]:
    event = json.loads(str(row[5]))
    payload = json.dumps(event | {"content": f"erased:{event['bullet']}", "erased": True})
    return [*row[:5], payload, *row[6:]]


def without_last(rows: Lines) -> Lines:
    return rows[:-1]


def without_first(rows: Lines) -> Lines:
    return rows[1:]


def with_another_payload(rows: Lines) -> Lines:
    return [rows[0], [*rows[1][:5], rows[2][5], *rows[1][6:]], *rows[2:]]


def by_somebody_else(rows: Lines) -> Lines:
    return [rows[0], [*rows[1][:4], "me", *rows[1][5:]], *rows[2:]]


def of_another_playbook(rows: Lines) -> Lines:
    return [rows[0], [2, *rows[2][1:]], *rows[2:]]


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (without_last, "event 8 is missing"),
        (without_first, "event 1 is missing"),
        (with_another_payload, "event 2 does not match"),
        (by_somebody_else, "event 2 does not match"),
        (of_another_playbook, "event 2 is that of another"),
    ],
)
async def test_a_damaged_archive_is_found_and_named(
    path: Path, damage: Callable[[Lines], Lines], says: str
) -> None:
    seen = await filled(path)
    done = await SqliteStore(path).compact(keep=4)
    assert done.archive is not None
    write(done.archive, damage(lines(done.archive)))
    store = SqliteStore(path)
    with pytest.raises(PlaybookCorrupt, match=rf"archive .*playbook\.db-archive-8.*{says}"):
        await store.history()
    found = await store.verify()
    assert [item.table for item in found.damages][:1] == ["archive playbook.db-archive-8.jsonl.gz"]
    assert (await store.load()).active == seen[-1].active


async def test_what_is_no_file_is_not_read_for_ever(path: Path) -> None:
    await filled(path)
    done = await SqliteStore(path).compact(keep=4)
    assert done.archive is not None
    done.archive.unlink()
    os.mkfifo(done.archive)
    with pytest.raises(PlaybookCorrupt, match="it is no file"):
        await SqliteStore(path).at_version(2)


@pytest.mark.parametrize(
    "content",
    [b"", b"garbage", gzip.compress(b"[1, 2]\n"), gzip.compress(b"[" * (1 << 25))],
    ids=["empty", "garbage", "other", "deep"],  # the bytes have the time in them
)
async def test_an_archive_that_is_none_is_named(path: Path, content: bytes) -> None:
    await filled(path)
    done = await SqliteStore(path).compact(keep=4)
    assert done.archive is not None
    done.archive.write_bytes(content)
    with pytest.raises(PlaybookCorrupt, match="restore it from a copy"):
        await SqliteStore(path).at_version(2)
    assert not (await SqliteStore(path).verify()).sound


async def test_an_archived_event_that_was_emptied_for_nothing_is_damage(path: Path) -> None:
    await filled(path)
    done = await SqliteStore(path).compact(keep=4)
    assert done.archive is not None
    rows = lines(done.archive)
    write(done.archive, [rows[0], emptied(rows[1]), *rows[2:]])
    found = await SqliteStore(path).verify()
    assert "nothing says that it was forgotten" in str(found.damages)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE base SET payload = replace(payload, 'lesson 2', 'lesson X')", "not the one that event 13"),
        ("UPDATE base SET payload = 'x'", "does not parse"),
        ("UPDATE base SET hash = 'x'", "events, row 8: its hash is not the one that the base has"),
        ("UPDATE base SET anchor = 12", "not the one that event 12"),
        ("UPDATE events SET hash = 'x' WHERE seq = 3", "events, row 3: it does not continue the chain"),
        ("UPDATE events SET event_id = 'x' WHERE seq = 3", "events, row 3: it does not continue the chain"),
        ("DELETE FROM events WHERE seq = 3", "events, row 3: it is missing"),
        ("UPDATE events SET payload = '{}' WHERE seq = 3", "events, row 3: it was moved"),
        ("DELETE FROM archives", "they end with event 0"),
        ("DELETE FROM base", "events, row 1: it does not match its hash"),
    ],
)
async def test_what_proves_it_cannot_be_changed_unnoticed(path: Path, statement: str, says: str) -> None:
    await filled(path)
    await SqliteStore(path).compact(keep=4)
    change(path, statement)
    found = await SqliteStore(path).verify()
    assert not found.sound
    assert says in "\n".join(map(str, found.damages))


async def test_a_changed_base_is_not_believed_and_the_archive_takes_its_place(path: Path) -> None:
    await filled(path)
    store = SqliteStore(path)
    await store.compact(keep=4)
    change(
        path, "DELETE FROM snapshots", "UPDATE base SET payload = replace(payload, 'lesson 2', 'lesson X')"
    )
    assert "lesson X" not in told_in(await SqliteStore(path).load())
    assert "lesson 2" in told_in(await SqliteStore(path).load())
    path.with_name("playbook.db-archive-8.jsonl.gz").unlink()
    with pytest.raises(PlaybookArchiveMissing):
        await SqliteStore(path).load()


async def test_damaged_events_are_not_moved(path: Path) -> None:
    await filled(path)
    change(path, "UPDATE events SET payload = replace(payload, 'lesson 2', 'lesson X')")
    with pytest.raises(PlaybookCorrupt, match="record 4"):
        await SqliteStore(path).compact(keep=4)
    assert not list(path.parent.glob("*.gz"))
    assert "" not in payloads(path)


async def test_on_a_full_disk_nothing_is_moved(path: Path) -> None:
    seen = await filled(path)
    target = path.with_name("old.gz")
    (path.parent / "of this size").touch()
    with (
        room_for(100, path.parent / "of this size"),
        pytest.raises(StoreUnavailable, match="free disk space"),
    ):
        await SqliteStore(path).compact(keep=4, archive=target)
    assert not list(path.parent.glob("*old.gz*"))
    assert "" not in payloads(path)
    assert await SqliteStore(path).load() == seen[-1]


async def test_what_a_person_wrote_is_not_lost_by_it(tmp_path: Path) -> None:
    path = tmp_path / "team.json"
    store = open_store(path)
    for number in range(6):
        await store.commit(adding(f"lesson {number}"))
    path.write_text(path.read_text().replace('"lesson 2"', '"lesson 2, by hand"'))
    await store.compact(keep=1)
    assert "lesson 2, by hand" in {bullet.content for bullet in (await open_store(path).load()).active}
    assert "lesson 2, by hand" in path.read_text()
    assert (await store.verify()).sound


async def test_a_compaction_is_not_due_for_the_note_of_the_one_before(path: Path) -> None:
    await filled(path)
    assert (await SqliteStore(path).compact(keep=4)).events == 8
    for _ in range(3):
        assert (await SqliteStore(path).compact(keep=4)).archive is None
    await SqliteStore(path).commit(adding("goes on"))
    assert (await SqliteStore(path).compact(keep=4)).version == 10


async def test_what_was_held_back_and_moved_can_be_forgotten(path: Path) -> None:
    source = provenance().model_copy(update={"origin": "import", "taints": (FOREIGN,)})
    dangerous = ImportBullet(kind=Kind.SNIPPET, content="import os\nos.system('rm -rf /')")
    store = SqliteStore(path)
    await store.commit(Commit(run_id="r", delta=Delta(operations=(dangerous,), provenance=source)))
    assert (await store.load()).proposed[0].held
    await store.commit(adding("another"))
    await store.compact(keep=0)
    await store.commit(FORGET)
    await store.purge()
    assert (await SqliteStore(path).verify()).damages == ()


async def test_something_is_forgotten_though_the_base_cannot_be_read(path: Path) -> None:
    await filled(path)
    await SqliteStore(path).compact(keep=4)
    change(path, "UPDATE base SET payload = 'Quillfeather'")
    await SqliteStore(path).commit(FORGET)
    await SqliteStore(path).purge()
    assert b"Quillfeather" not in path.read_bytes()
    assert (await SqliteStore(path).load()).size == 11


async def test_a_damaged_hash_where_the_base_ends_costs_nothing(path: Path) -> None:
    seen = await filled(path)
    done = await SqliteStore(path).compact(keep=4)
    change(path, "DELETE FROM snapshots", "UPDATE events SET hash = 'x' WHERE seq = 8")
    store = SqliteStore(path)
    assert (await store.load()).active == seen[-1].active
    assert [await store.at_version(version) for version in range(13)] == seen
    assert {(one.table, one.row) for one in (await store.verify()).damages} == {("events", 8)}
    assert done.archive is not None
    done.archive.unlink()
    assert (await SqliteStore(path).load()).active == seen[-1].active


async def test_an_archive_of_another_history_is_not_overwritten(path: Path) -> None:
    store = SqliteStore(path)
    await filled(path)
    archive = path.with_name("playbook.db-archive-8.jsonl.gz")
    other = SqliteStore(path.with_name("other.db"))
    await other.commit(adding("another"))
    await other.compact(keep=0, archive=archive)
    before = archive.read_bytes()
    with pytest.raises(ConfigurationError, match=r"archive-8.* does not have what is to be moved"):
        await store.compact(keep=4)
    assert archive.read_bytes() == before
    assert (await store.compact(keep=4, archive=path.with_name("free.gz"))).events == 8


async def test_an_archive_that_is_in_use_under_the_name_of_the_next_is_not_overwritten(path: Path) -> None:
    seen = await filled(path)
    store = SqliteStore(path)
    await store.compact(keep=6, archive=path.with_name("playbook.db-archive-9.jsonl.gz"))
    with pytest.raises(ConfigurationError, match="archive-9"):
        await store.compact(keep=4)
    assert await SqliteStore(path).at_version(3) == seen[3]


async def test_what_stands_for_a_damaged_record_that_was_forgotten_can_be_moved(path: Path) -> None:
    await filled(path)
    damage = "UPDATE events SET at = 3 * at, payload = replace(payload, 'lesson', 'lexxon') WHERE seq = 4"
    change(path, damage)
    store = SqliteStore(path)
    await store.commit(Commit(run_id="r", decisions=(Forget(bullet="str-00004", reason="asked to"),)))
    assert (await SqliteStore(path).verify()).damages == ()
    await store.compact(keep=2)
    found = await SqliteStore(path).verify()
    assert (found.damages, found.set_aside) == ((), 1)


async def test_an_error_that_is_kept_holds_no_lock(path: Path) -> None:
    await filled(path)
    change(path, "UPDATE events SET payload = 'x' WHERE seq = 3")
    with pytest.raises(PlaybookCorrupt) as kept:
        await SqliteStore(path).compact(keep=2)
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
    with closing(sqlite3.connect(path, timeout=0)) as other:
        assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    assert kept.value.__traceback__ is not None
