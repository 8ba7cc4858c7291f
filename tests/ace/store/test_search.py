"""Searching a playbook by words."""

from __future__ import annotations

import asyncio
import functools
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ace.making import delta, rule
from tta_dev_primitives.ace.bullet import Status
from tta_dev_primitives.ace.delta import AddBullet, MergeBullets, RetireBullet, ReviseBullet
from tta_dev_primitives.ace.events import Forget, Suspend
from tta_dev_primitives.ace.store import Commit, PlaybookStore, SqliteStore
from tta_dev_primitives.ace.store.protocol import Found
from tta_dev_primitives.ace.store.search import Searcher
from tta_dev_primitives.testing.memory_store import MemoryStore

LESSONS = (
    rule("Retries need a timeout, or they wait for ever."),
    rule("Parse dates with datetime.fromisoformat; never by hand."),
    rule("Café names arrive without accents; compare them folded."),
    rule("Call parse_date before sorting the rows."),
    rule("Sort rows by two keys with a tuple."),
)


def learned(*lessons: AddBullet) -> Commit:
    return Commit(run_id="r", delta=delta(*lessons))


def names(found: tuple[Found, ...]) -> list[str]:
    return [one.bullet.alias for one in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("retry", ["str-00001"]),  # by its stem
        ("CAFE", ["str-00003"]),  # without case and accents
        ("parse_date", ["str-00002", "str-00004"]),  # two words that follow each other
        ("date_parse", []),
        ("parse dates", ["str-00004", "str-00002"]),
        ("str-00005", ["str-00005"]),
        ("sort rows tuple", ["str-00005", "str-00004"]),
        ("nothing like it", []),
        ("", []),
        ("?! ***", []),
    ],
)
async def test_what_is_found(store: PlaybookStore, text: str, expected: list[str]) -> None:
    await store.commit(learned(*LESSONS))
    assert sorted(names(await store.search(text))) == sorted(expected)


async def test_every_store_ranks_alike_and_says_why(store: PlaybookStore) -> None:
    await store.commit(learned(*LESSONS))
    found = await store.search("sorted TUPLES of rows")
    assert names(found) == ["str-00005", "str-00004"]
    assert [one.words for one in found] == [("sort", "rows", "tuple"), ("sorting", "rows")]
    expected = MemoryStore()
    await expected.commit(learned(*LESSONS))
    assert [one.score for one in found] == [
        one.score for one in await expected.search("sorted TUPLES of rows")
    ]
    assert await store.search("rows", limit=1) == (await store.search("rows"))[:1]
    assert await store.search("rows", limit=0) == ()


async def test_search_follows_what_changes(store: PlaybookStore) -> None:
    await store.commit(learned(*LESSONS))
    assert names(await store.search("tuple")) == ["str-00005"]
    reworded = ReviseBullet(bullet="str-00005", revision=1, content="Sort rows by a key function.")
    await store.commit(Commit(run_id="r", delta=delta(reworded, rule("A tuple compares item by item."))))
    assert names(await store.search("tuple")) == ["str-00006"]
    assert names(await store.search("function")) == ["str-00005"]


async def test_what_is_no_longer_in_use_is_found_too(store: PlaybookStore) -> None:
    await store.commit(learned(*LESSONS))
    retire = RetireBullet(bullet="str-00005", reason="harmful")
    await store.commit(
        Commit(run_id="r", delta=delta(retire), decisions=(Suspend(bullet="str-00004", reason="harmful"),))
    )
    found = await store.search("rows")
    assert {one.bullet.alias: one.bullet.status for one in found} == {
        "str-00004": Status.SUSPENDED,
        "str-00005": Status.RETIRED,
    }
    assert names(await store.search("rows", statuses={Status.RETIRED})) == ["str-00005"]
    assert await store.search("rows", statuses={Status.VALIDATED}) == ()


async def test_what_was_forgotten_is_not_found(store: PlaybookStore) -> None:
    await store.commit(learned(*LESSONS))
    assert names(await store.search("timeout")) == ["str-00001"]
    await store.commit(Commit(run_id="r", decisions=(Forget(bullet="str-00001", reason="a customer"),)))
    assert await store.search("timeout") == ()


@given(st.text() | st.text(alphabet="\"'*()^:-+{}\\\0 ANDORNTEx1é\ud800"))
@settings(deadline=None, max_examples=300)
def test_no_text_is_refused(text: str) -> None:
    asyncio.run(_filled_once().search(text))


@functools.cache
def _filled_once() -> MemoryStore:
    store = MemoryStore()
    asyncio.run(store.commit(learned(*LESSONS)))
    return store


@pytest.mark.parametrize(
    "text",
    ['"rows', "rows*", "rows NEAR/2 x", "content:rows", "NOT rows", "(rows", "rows\0x", "-rows", "^rows"],
)
async def test_operators_are_words(text: str) -> None:
    store = MemoryStore()
    await store.commit(learned(*LESSONS))
    assert {"str-00004", "str-00005"} >= set(names(await store.search(text)))
    assert await store.search("rows " * 2_000 + "x" * 10_000) == await store.search("rows")


# The file of a large playbook.


async def test_the_next_process_reads_the_file(tmp_path: Path) -> None:
    file, store = tmp_path / "words", MemoryStore()
    await store.commit(learned(*LESSONS))
    first = await Searcher(file, file_from=1).search(store, "rows")
    written = file.read_bytes()
    assert len(first) == 2
    assert await Searcher(file, file_from=1).search(store, "rows") == first
    assert file.read_bytes() == written
    await store.commit(learned(rule("Rows have a length.")))
    assert names(await Searcher(file, file_from=1).search(store, "length")) == ["str-00006"]
    assert file.read_bytes() != written
    assert await Searcher(file, file_from=7).search(store, "rows") == await store.search("rows")


@pytest.mark.parametrize("damage", ["garbage", "truncated", "no table", "another form", "a folder", "in use"])
async def test_a_file_that_is_of_no_use_is_made_anew_or_done_without(tmp_path: Path, damage: str) -> None:
    file, store = tmp_path / "words", MemoryStore()
    await store.commit(learned(*LESSONS))
    expected = await Searcher(file, file_from=1).search(store, "rows")
    held = spoil(file, damage)
    try:
        for _ in range(1 if damage == "in use" else 3):
            assert await Searcher(file, file_from=1).search(store, "rows") == expected
    finally:
        held.close()


def spoil(file: Path, damage: str) -> sqlite3.Connection:
    held = sqlite3.connect(":memory:")
    if damage == "garbage":
        file.write_bytes(b"garbage" * 1_000)
    elif damage == "truncated":
        file.write_bytes(file.read_bytes()[:5_000])
    elif damage == "a folder":
        file.unlink()
        file.mkdir()
    elif damage == "in use":
        held.close()
        held = sqlite3.connect(file, isolation_level=None)
        held.execute("BEGIN EXCLUSIVE")
    else:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("DROP TABLE words" if damage == "no table" else "PRAGMA user_version = 99")
    return held


async def test_of_another_playbook_the_words_are_read_anew(tmp_path: Path) -> None:
    file, one, other = tmp_path / "words", MemoryStore(), MemoryStore()
    await one.commit(learned(*LESSONS))
    await other.commit(learned(*LESSONS[:3], rule("Rows are lists."), rule("Columns are not.")))
    assert names(await Searcher(file, file_from=1).search(one, "tuple")) == ["str-00005"]
    assert await Searcher(file, file_from=1).search(other, "tuple") == ()
    assert names(await Searcher(file, file_from=1).search(other, "lists")) == ["str-00004"]


async def test_forgetting_takes_the_file_away(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "playbook.db")
    await store.commit(learned(*LESSONS))
    copy = tmp_path / "playbook.db-search"
    await Searcher(copy, file_from=1).search(store, "timeout")
    assert b"timeout" in copy.read_bytes()
    await store.commit(Commit(run_id="r", decisions=(Forget(bullet="str-00001", reason="a customer"),)))
    assert not copy.exists()
    await Searcher(copy, file_from=1).search(store, "rows")
    await store.purge()
    assert not copy.exists()


async def test_merged_strategies_are_followed(store: PlaybookStore) -> None:
    await store.commit(learned(*LESSONS))
    await store.search("rows")
    merge = MergeBullets(bullet="str-00004", into="str-00005", content="Sort parsed rows by a tuple.")
    await store.commit(Commit(run_id="r", delta=delta(merge)))
    found = {one.bullet.alias: one.bullet.merged_into for one in await store.search("parsed")}
    assert found["str-00005"] is None
    assert found["str-00004"] is not None


async def test_without_the_history_since_all_is_read_anew(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "playbook.db")
    await store.commit(learned(*LESSONS))
    assert names(await store.search("tuple")) == ["str-00005"]
    await store.commit(learned(rule("A tuple is no list.")))
    done = await store.compact(keep=0)
    assert done.archive is not None
    done.archive.unlink()
    assert names(await store.search("tuple")) == ["str-00006", "str-00005"]
