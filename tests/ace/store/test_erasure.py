# ruff: noqa: ASYNC240  # a test has its event loop for itself
"""What is forgotten is gone from every place of the store, and the history can still be proved."""

from __future__ import annotations

from pathlib import Path

import psycopg

from tests.ace.making import adding, delta
from tta_dev_primitives.ace.bullet import Status
from tta_dev_primitives.ace.content import Kind, bullet_id
from tta_dev_primitives.ace.delta import MarkConflict, ReviseBullet
from tta_dev_primitives.ace.events import Forget, Restore, Suspend
from tta_dev_primitives.ace.merging import merge
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.store import Commit, PlaybookStore, SqliteStore, open_store
from tta_dev_primitives.ace.store.postgres.store import PostgresStore

TOLD = "Mrs Quillfeather lives at Tarn 9."
FIRST = bullet_id("general", Kind.RULE, TOLD)
FORGET = Commit(run_id="r", decisions=(Forget(bullet="str-00001", reason="asked to"),), actor="user")


async def told(store: PlaybookStore) -> None:
    """Have the secret in an Add, a Revise, a Restore, a reason and, after three events, a snapshot."""
    await store.commit(adding(TOLD, "kept"))
    await store.commit(
        Commit(
            run_id="r",
            delta=delta(
                ReviseBullet(bullet="str-00001", revision=1, content=f"{TOLD} Really."),
                MarkConflict(bullet="str-00002", other="str-00001", reason=f"not so: {TOLD}"),
            ),
            decisions=(
                Suspend(bullet=FIRST, reason=f"wrong: {TOLD}"),
                Restore(bullet=FIRST, revision=2, content=TOLD, status=Status.CANDIDATE, reason=TOLD),
            ),
        )
    )
    await store.commit(adding("later"))


async def test_the_texts_are_gone_and_the_chain_holds(store: PlaybookStore) -> None:
    await told(store)
    ids = [item.recorded.event_id for item in await store.history()]
    committed = await store.commit(FORGET)
    assert committed.playbook.bullets[FIRST].forgotten
    history = await store.history()
    assert "Quillfeather" not in repr(history)
    assert [item.recorded.event_id for item in history][:-1] == ids
    assert await store.load() == committed.playbook
    for version in range(len(history) + 1):
        then = await store.at_version(version)
        assert "Quillfeather" not in repr(list(then.bullets.values()))
    assert {bullet.content for bullet in committed.playbook.active} == {"kept", "later"}
    await store.commit(adding(TOLD))
    assert {bullet.content for bullet in (await store.load()).active} == {"kept", "later"}
    assert "Quillfeather" not in repr(await store.history())


async def test_no_byte_of_it_is_left_on_disk(tmp_path: Path) -> None:
    store = open_store(tmp_path / "playbook.json")
    await told(store)
    for number in range(40):
        await store.commit(adding(f"lesson {number}"))
    assert any(b"Quillfeather" in file.read_bytes() for file in tmp_path.iterdir())
    await store.commit(FORGET)
    await store.purge()
    assert not [file for file in tmp_path.iterdir() if b"Quillfeather" in file.read_bytes()]
    assert (await store.verify()).sound
    assert await SqliteStore(tmp_path / "playbook.db").load() == await store.load()


async def test_an_emptied_event_that_nobody_forgot_is_damage(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "playbook.db")
    await told(store)
    await store.commit(FORGET)
    assert (await store.verify()).sound
    other = SqliteStore(tmp_path / "other.db")
    history = [item.recorded for item in await store.history()]
    await other.begin_with([item for item in history if item.event.type != "forget"], ())
    assert "nothing says that it was forgotten" in str((await other.verify()).damages[0])


async def test_a_union_with_a_copy_that_still_has_it_forgets_it_too(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "a.db")
    await told(store)
    await store.backup(tmp_path / "b.db")
    await store.commit(FORGET)
    ours = [item.recorded for item in await store.history()]
    theirs = [item.recorded for item in await SqliteStore(tmp_path / "b.db").history()]
    for merged in (merge(ours, theirs), merge(theirs, ours)):
        assert "Quillfeather" not in repr(merged)
        assert merged.playbook == await store.load()


async def test_a_server_keeps_no_old_row(postgres_url: str) -> None:
    store = PostgresStore(postgres_url, snapshot_every=3)
    await told(store)
    await store.commit(FORGET)
    await store.purge()
    schema = postgres_url.partition("schema=")[2]
    with psycopg.connect(postgres_url.partition("?")[0]) as connection:
        for table in ("events", "snapshots"):
            query = f"SELECT count(*) FROM {schema}.{table} WHERE payload LIKE '%Quillfeather%'"  # noqa: S608
            row = connection.execute(query.encode()).fetchone()
            assert row == (0,)
    assert (await store.verify()).sound
    await store.aclose()


async def test_a_store_that_read_before_shows_no_version_with_it_either(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "playbook.db")
    version = (await store.commit(adding(TOLD))).playbook.version
    await SqliteStore(tmp_path / "playbook.db").commit(FORGET)
    (bullet,) = (await store.at_version(version)).bullets.values()
    assert TOLD not in bullet.content


async def test_a_decision_that_comes_after_it_does_not_bring_the_text_back(store: PlaybookStore) -> None:
    await store.commit(adding(TOLD, "kept"))
    restore = Restore(bullet=FIRST, revision=1, content=TOLD, status=Status.CANDIDATE, reason=TOLD)
    await store.commit(FORGET)
    late = await store.commit(Commit(run_id="r", decisions=(restore, Suspend(bullet=FIRST, reason=TOLD))))
    assert late.playbook.bullets[FIRST].forgotten
    history = await store.history()
    assert "Quillfeather" not in repr(history)
    assert late.playbook == Playbook.fold(item.recorded for item in history)
