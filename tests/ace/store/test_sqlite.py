# ruff: noqa: ASYNC240  # a test has its event loop for itself
"""What only a file can suffer."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.ace.making import adding, delta, episode
from tta_dev_primitives.ace.content import Kind
from tta_dev_primitives.ace.delta import ImportBullet
from tta_dev_primitives.ace.events import SetAside, event_hash
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.store import Commit, SqliteStore, open_store, schema
from tta_dev_primitives.ace.store.chain import GENESIS, link
from tta_dev_primitives.ace.store.connection import require_no_log
from tta_dev_primitives.core.errors import (
    ConfigurationError,
    PlaybookCorrupt,
    PlaybookReadOnly,
    PlaybookTooNew,
    StoreUnavailable,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "playbook.db"


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


@contextmanager
def unchanged(path: Path) -> Generator[None]:
    before = path.read_bytes()
    yield
    assert path.read_bytes() == before


async def filled(path: Path, count: int = 5) -> SqliteStore:
    store = SqliteStore(path, snapshot_every=3)
    for number in range(count):
        await store.commit(adding(f"lesson {number}"))
    await store.commit(Commit(run_id="r", episode=episode()))
    return store


async def test_making_and_reading_a_store_writes_nothing(tmp_path: Path) -> None:
    store = open_store(tmp_path / "deep" / "playbook.db")
    assert await store.load() == Playbook()
    assert list(tmp_path.iterdir()) == []
    await store.commit(adding("first"))
    assert (tmp_path / "deep" / "playbook.db").exists()


def test_the_suffix_chooses_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert open_store().location == str(tmp_path / ".playbox" / "playbook.db")
    for name in ("a.db", "a.sqlite", "a.sqlite3", "a.json"):
        assert open_store(tmp_path / name).location == str(tmp_path / name)
    with pytest.raises(ConfigurationError, match=r"a\.yaml.*must end in \.json, \.db"):
        open_store(Path("a.yaml"))
    assert list(tmp_path.iterdir()) == []


async def test_nothing_but_the_database_and_its_locks_stays(path: Path) -> None:
    await filled(path)
    assert sorted(file.name for file in path.parent.iterdir()) == [
        "playbook.db",
        "playbook.db-lock",
        "playbook.db-queue",
    ]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


async def test_another_store_sees_what_was_committed(path: Path) -> None:
    one, two = await filled(path), SqliteStore(path)
    assert await two.load() == await one.load()
    await two.commit(adding("from the other"))
    assert (await one.load()).size == 6
    assert await one.load() is await one.load()


async def test_a_file_put_in_its_place_is_noticed(path: Path, tmp_path: Path) -> None:
    store = await filled(path, 3)
    other = await filled(tmp_path / "other.db", 2)
    (tmp_path / "other.db").replace(path)
    assert (await store.load()).size == 2
    await other.aclose()


async def test_the_clock_may_go_back(path: Path) -> None:
    clock = iter([2_000, 1_000, 500])
    store = SqliteStore(path, clock=lambda: next(clock))
    for number in range(3):
        await store.commit(adding(f"lesson {number}"))
    assert [item.recorded.at for item in await store.history()] == [2_000, 2_001, 2_002]


@pytest.mark.parametrize("content", [b"x", b"garbage" * 1_000, b"SQLite format 3\x00" + b"\xff" * 5_000])
async def test_garbage_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with unchanged(path):
        with pytest.raises(PlaybookCorrupt, match=r"playbook\.db.*restore it from a backup"):
            await SqliteStore(path).load()
        with pytest.raises(PlaybookCorrupt):
            await SqliteStore(path).commit(adding("first"))


async def test_an_empty_file_is_an_empty_playbook(path: Path) -> None:
    path.touch()
    assert await SqliteStore(path).load() == Playbook()
    await SqliteStore(path).commit(adding("first"))
    assert (await SqliteStore(path).load()).size == 1


async def test_the_database_of_another_program_is_refused(path: Path) -> None:
    change(path, "CREATE TABLE theirs (x)")
    with unchanged(path):
        with pytest.raises(PlaybookCorrupt, match="database of another program"):
            await SqliteStore(path).load()
        with pytest.raises(PlaybookCorrupt, match="database of another program"):
            await SqliteStore(path).commit(adding("first"))


async def test_a_newer_schema_is_refused(path: Path) -> None:
    await filled(path)
    change(path, f"PRAGMA user_version = {schema.VERSION + 1}")
    with unchanged(path):
        with pytest.raises(
            PlaybookTooNew, match=rf"schema version {schema.VERSION + 1}.*up to {schema.VERSION}; upgrade"
        ):
            await SqliteStore(path).load()
        with pytest.raises(PlaybookTooNew):
            await SqliteStore(path).commit(adding("first"))


async def test_a_truncated_file_is_refused(path: Path) -> None:
    await filled(path, 60)
    size = path.stat().st_size
    os.truncate(path, size // 2)
    with unchanged(path), pytest.raises(PlaybookCorrupt, match="damaged"):
        await SqliteStore(path).load()


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (
            "UPDATE events SET hash = 'x', prev_hash = 'x' WHERE seq >= 4",
            "record 4 .*continue the chain",
        ),
        ("UPDATE events SET actor = 'x', event_id = 'x' WHERE seq = 4", "record 4 .*continue the chain"),
        ("DELETE FROM events WHERE seq = 4", "record 4 .*missing"),
        ("DELETE FROM events WHERE seq = 5", "record 5 .*missing"),
        ("UPDATE head SET hash = 'x'", "record 5 .*not the end"),
        (
            "UPDATE head SET seq = 4, hash = (SELECT hash FROM events WHERE seq = 4)",
            "record 5 .*beyond the noted end",
        ),
        ("DELETE FROM head", "record 1 .*beyond the noted end"),
    ],
)
async def test_a_broken_chain_is_refused(path: Path, damage: str, problem: str) -> None:
    await filled(path)
    change(path, damage)
    with unchanged(path):
        with pytest.raises(PlaybookCorrupt, match=rf"playbook\.db.*{problem}.*restore it from a backup"):
            await SqliteStore(path).load()
        with pytest.raises(PlaybookCorrupt):
            await SqliteStore(path).commit(adding("new"))


async def test_damage_before_the_snapshot_shows_in_the_history(path: Path) -> None:
    await filled(path)
    change(path, "UPDATE events SET payload = '{}' WHERE seq = 2")
    assert (await SqliteStore(path).load()).size == 5
    history = await SqliteStore(path).history()
    assert [item.seq for item in history if isinstance(item.recorded.event, SetAside)] == [2]


async def test_an_event_of_an_unknown_kind_is_named(path: Path) -> None:
    await filled(path, 1)
    payload = '{"bullet":"b","type":"prophesy"}'
    forged = event_hash(payload, at=1, run_id="r", actor="a")
    end = link(GENESIS, 1, forged)
    change(
        path,
        f"UPDATE events SET payload = '{payload}', at = 1, run_id = 'r', actor = 'a'",  # noqa: S608
        f"UPDATE events SET event_id = '{forged}', hash = '{end}'",  # noqa: S608
        f"UPDATE head SET hash = '{end}'",  # noqa: S608
    )
    with pytest.raises(PlaybookCorrupt, match="record 1 of table events is no event that is known here"):
        await SqliteStore(path).load()


@pytest.mark.parametrize(
    "damage", ["payload = 'x'", "payload = '{}', digest = '{}'", "hash = 'x'", "digest = 'x'"]
)
async def test_a_damaged_snapshot_is_passed_over(path: Path, damage: str) -> None:
    sound = await (await filled(path)).load()
    empty = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    change(path, "UPDATE snapshots SET " + damage.replace("digest = '{}'", f"digest = '{empty}'"))  # noqa: S608  # ours
    assert await SqliteStore(path).load() == sound
    assert await SqliteStore(path).at_version(4) == await SqliteStore(path).at_version(4)


@pytest.mark.parametrize(("damage", "problem"), [("payload = 'x'", "its digest"), (None, "is no episode")])
async def test_a_damaged_episode_is_named(path: Path, damage: str | None, problem: str) -> None:
    await filled(path)
    empty = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    change(path, "UPDATE episodes SET " + (damage or f"payload = '{{}}', digest = '{empty}'"))  # noqa: S608  # ours
    with pytest.raises(
        PlaybookCorrupt, match=f"row 1 of table episodes .*{problem}|row 1 of table.*{problem}"
    ):
        await SqliteStore(path).episodes()


async def test_a_directory_is_no_playbook(tmp_path: Path) -> None:
    folder = tmp_path / "folder.db"
    folder.mkdir()
    for work in (open_store(folder).load(), open_store(folder).commit(adding("x"))):
        with pytest.raises(ConfigurationError, match=r"is a directory; name a file in it"):
            await work


async def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = open_store(tmp_path / "file" / "playbook.db")
    with pytest.raises(ConfigurationError, match="cannot be a playbook"):
        await store.commit(adding("x"))


@contextmanager
def held(path: Path, suffix: str = "lock") -> Generator[None]:
    descriptor = os.open(f"{path}-{suffix}", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("suffix", ["lock", "queue"])
async def test_a_writer_that_hangs_is_reported(path: Path, suffix: str) -> None:
    store = SqliteStore(path, lock_timeout_s=0.05)
    with held(path, suffix):
        with pytest.raises(StoreUnavailable, match=r"another writer has held .*for 0\.05 s"):
            await store.commit(adding("first"))
        assert await store.load() == Playbook()
    assert (await store.commit(adding("first"))).playbook.size == 1


async def test_a_cancelled_commit_that_waits_stores_nothing(path: Path) -> None:
    store = SqliteStore(path)
    with held(path):
        commit = asyncio.create_task(store.commit(adding("first")))
        await asyncio.sleep(0.05)
        commit.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await commit
    assert caught.value.__notes__ == ["nothing was committed to the playbook's file"]
    assert await store.load() == Playbook()


@pytest.mark.parametrize("kind", ["begin", "compact"])
async def test_other_work_that_is_cancelled_while_it_waits_does_nothing_and_says_so(
    path: Path, kind: str
) -> None:
    records = (await (await filled(path.with_name("other.db"), 2)).contents()).records
    if kind == "compact":
        await filled(path, 2)
    store = SqliteStore(path)
    before = await store.load()
    with held(path):
        work = store.compact(keep=0) if kind == "compact" else store.begin_with(records, ())
        waiting = asyncio.create_task(work)
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await waiting
    assert caught.value.__notes__ == ["nothing was committed to the playbook's file"]
    assert await store.load() == before
    assert not list(path.parent.glob("*.gz"))


async def test_a_commit_cancelled_at_any_moment_is_stored_or_not_and_says_so(path: Path) -> None:
    store = await filled(path, 1)
    for number in range(40):
        before = (await store.load()).size
        commit = asyncio.create_task(store.commit(adding(f"cancelled {number}")))
        await asyncio.sleep(number * 0.0002)
        commit.cancel()
        commit.cancel()
        try:
            await commit
            stored = True
        except asyncio.CancelledError as error:
            notes = getattr(error, "__notes__", ["never started, nothing was committed"])
            stored = not any("nothing was committed" in note for note in notes)
        assert (await store.load()).size == before + stored


async def test_a_commit_that_fails_while_cancelled_says_why(path: Path) -> None:
    store = SqliteStore(path, lock_timeout_s=0.01)
    path.write_bytes(b"garbage" * 1_000)
    commit = asyncio.create_task(store.commit(adding("first")))
    await asyncio.sleep(0)
    commit.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await commit
    assert "nothing was committed" in caught.value.__notes__[0]


async def test_migrations_go_forward_in_one_transaction(path: Path) -> None:
    await filled(path)
    later = (*schema.MIGRATIONS, ("CREATE TABLE more (x)", "INSERT INTO more VALUES (1)"))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        schema.migrate(connection, schema.VERSION, later)
        connection.execute("COMMIT")
        assert connection.execute("SELECT x FROM more").fetchone() == (1,)
        assert connection.execute("PRAGMA user_version").fetchone() == (len(later),)


def snapshots(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as connection:
        return [seq for (seq,) in connection.execute("SELECT seq FROM snapshots ORDER BY seq")]


async def test_snapshots_spare_the_folding(path: Path) -> None:
    await filled(path, 12)
    assert snapshots(path) == [9, 12]
    change(path, "DELETE FROM snapshots")
    assert (await SqliteStore(path).load()).size == 12


async def test_a_larger_playbook_gets_snapshots_more_rarely(path: Path) -> None:
    store = SqliteStore(path, snapshot_every=3)
    imports = (ImportBullet(kind=Kind.RULE, content=f"imported {number}") for number in range(40))
    await store.commit(Commit(run_id="r", delta=delta(*imports)))
    for number in range(50):
        await store.commit(adding(f"lesson {number}"))
    assert snapshots(path) == [78, 86]
    assert await SqliteStore(path).load() == await store.load()


@pytest.mark.parametrize("count", [2, 30])
async def test_what_others_wrote_meanwhile_is_read_however_much_it_is(path: Path, count: int) -> None:
    idle, busy = await filled(path, 4), SqliteStore(path, snapshot_every=3)
    for number in range(count):
        await busy.commit(adding(f"from the other {number}"))
    assert await idle.load() == await busy.load() == await SqliteStore(path).load()
    assert [(await idle.at_version(version)).size for version in (3, 4 + count)] == [3, 4 + count]


async def test_a_log_left_by_a_crash_is_never_ignored(path: Path) -> None:
    path.with_name("playbook.db-wal").write_bytes(b"committed, not yet in the file")
    with pytest.raises(PlaybookReadOnly):
        require_no_log(path)


@pytest.mark.parametrize("now", [1 << 63, (1 << 63) - 2, -(1 << 63) - 1])
async def test_a_time_that_cannot_be_stored_is_refused(path: Path, now: int) -> None:
    store = SqliteStore(path, clock=lambda: now)
    with pytest.raises(ConfigurationError, match=r"can be stored is .* set the clock right"):
        await store.commit(adding("first", "second", "third"))
    assert await SqliteStore(path).load() == Playbook()


async def test_before_1970_is_a_time(path: Path) -> None:
    store = SqliteStore(path, clock=lambda: -5)
    await store.commit(adding("first", "second"))
    assert (await SqliteStore(path).load()).size == 2


async def test_by_a_link_it_is_the_same_playbook_with_the_same_files_beside_it(path: Path) -> None:
    await SqliteStore(path).commit(adding("first"))
    link = path.with_name("link.db")
    link.symlink_to(path)
    store = SqliteStore(link)
    await store.commit(adding("second"))
    assert store.location == str(link)
    assert store.meanings == SqliteStore(path).meanings
    assert not list(path.parent.glob("link.db-*"))
