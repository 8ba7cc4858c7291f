# ruff: noqa: ASYNC240  # a test has its event loop for itself
"""Commits that wait at once are written in one transaction, and each gets its own answer."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.ace.making import adding, delta, episode, rule
from tests.full_disk import room_for
from tta_dev_primitives.ace.delta import Result
from tta_dev_primitives.ace.events import Pin
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.store import Commit, Committed, SqliteStore, open_store
from tta_dev_primitives.ace.store.group import MOST, Answer, Group, Waiting
from tta_dev_primitives.ace.store.lock import Abandoned
from tta_dev_primitives.core.errors import ConfigurationError, StoreUnavailable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "playbook.db"


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Be another writer, so that commits wait."""
    descriptor = os.open(f"{path}-lock", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def log_kept(path: Path) -> Generator[Path]:
    """Keep SQLite's log from being removed, and yield it."""
    with closing(sqlite3.connect(path)) as reader:
        reader.execute("SELECT count(*) FROM events").fetchone()
        yield path.with_name(f"{path.name}-wal")


def transactions(log: Path) -> int:
    """Return how many transactions a log has. Source: https://www.sqlite.org/fileformat2.html#walformat."""
    content = log.read_bytes()
    size = int.from_bytes(content[8:12])
    frames = range(32, len(content), 24 + size)
    salt = content[16:24]
    return sum(content[at + 8 : at + 16] == salt and any(content[at + 4 : at + 8]) for at in frames)


async def together(store: SqliteStore, *commits: Commit) -> list[Committed | BaseException]:
    return await asyncio.gather(*map(store.commit, commits), return_exceptions=True)


async def waiting(store: SqliteStore, path: Path, *commits: Commit) -> list[asyncio.Task[Committed]]:
    """Return commits that wait for another writer, who is let go at the end of the block around this."""
    tasks = [asyncio.create_task(store.commit(commit)) for commit in commits]
    await asyncio.sleep(0.02)
    assert path.exists() or not any(task.done() for task in tasks)
    return tasks


async def test_those_who_wait_at_once_are_one_transaction(path: Path) -> None:
    store = SqliteStore(path)
    await store.commit(adding("first"))
    with log_kept(path) as log:
        with locked(path):
            tasks = await waiting(store, path, *(adding(f"lesson {number}") for number in range(MOST)))
        answers = await asyncio.gather(*tasks)
        assert transactions(log) == 1
        await store.commit(adding("last"))
        assert transactions(log) == 2
    assert [answer.playbook.version for answer in answers] == list(range(2, MOST + 2))
    for number, answer in enumerate(answers):
        (outcome,) = answer.outcomes
        assert (outcome.result, answer.playbook.active[-1].content) == (Result.APPLIED, f"lesson {number}")
        assert await store.at_version(answer.playbook.version) == answer.playbook
    assert (await store.verify()).sound


async def test_a_group_is_bounded(path: Path) -> None:
    store = SqliteStore(path)
    await store.commit(adding("first"))
    with log_kept(path) as log:
        with locked(path):
            tasks = await waiting(store, path, *(adding(f"lesson {number}") for number in range(MOST + 1)))
        await asyncio.gather(*tasks)
        assert transactions(log) == 2


@pytest.mark.parametrize("name", ["playbook.db", "playbook.json"])
async def test_one_that_is_refused_or_repeated_spoils_nothing(tmp_path: Path, name: str) -> None:
    store = open_store(tmp_path / name)
    once = Commit(run_id="r", delta=delta(rule("with an episode")), episode=episode())
    wrong = Commit(run_id="r", delta=delta(rule("refused")), decisions=(Pin(bullet="nothing"),))
    with locked(tmp_path / "playbook.db"):
        tasks = await waiting(
            store, tmp_path / "playbook.db", adding("first"), once, wrong, once, adding("last")
        )
    first, stored, refused, repeated, last = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(refused, ConfigurationError)
    assert "nothing" in str(refused)
    assert isinstance(first, Committed)
    assert isinstance(stored, Committed)
    assert isinstance(repeated, Committed)
    assert isinstance(last, Committed)
    assert (stored.repeated, repeated.repeated) == (False, True)
    assert repeated.playbook == stored.playbook
    assert [bullet.content for bullet in last.playbook.active] == ["first", "with an episode", "last"]
    assert await open_store(tmp_path / name).load() == last.playbook


async def test_one_that_is_cancelled_stores_nothing_and_is_told_at_once(path: Path) -> None:
    store = SqliteStore(path)
    with locked(path):
        kept, gone, last = await waiting(store, path, adding("kept"), adding("gone"), adding("last"))
        gone.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await gone
        assert not kept.done()
    await asyncio.gather(kept, last)
    assert caught.value.__notes__ == ["nothing was committed to the playbook's file"]
    assert [bullet.content for bullet in (await store.load()).active] == ["kept", "last"]


async def test_if_all_are_cancelled_nobody_waits_any_more(path: Path) -> None:
    store = SqliteStore(path)
    with locked(path):
        tasks = await waiting(store, path, adding("a"), adding("b"))
        assert not turn_is_free(path)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        for _ in range(500):
            if turn_is_free(path):
                break
            await asyncio.sleep(0.01)
        assert turn_is_free(path)
    assert not path.exists()
    assert (await store.commit(adding("c"))).playbook.size == 1


def turn_is_free(path: Path) -> bool:
    """Tell whether no writer waits for the lock at the head of the queue."""
    descriptor = os.open(f"{path}-queue", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


async def test_the_thread_that_writes_ends_with_the_store(path: Path) -> None:
    before = set(threading.enumerate())
    store = SqliteStore(path)
    await together(store, *(adding(f"lesson {number}") for number in range(9)))
    (writer,) = set(threading.enumerate()) - before
    assert writer.name.startswith("playbox-commits")
    del store
    await asyncio.to_thread(writer.join, 5)
    assert not writer.is_alive()


async def test_where_the_transaction_fails_all_are_told_and_nothing_is_stored(path: Path) -> None:
    store = SqliteStore(path)
    stored = (await store.commit(adding("first"))).playbook
    with log_kept(path) as log:
        await store.commit(adding("second"))
        with locked(path):
            tasks = await waiting(store, path, *(adding(f"{number} {'x' * 300}") for number in range(40)))
        with room_for(0, log):
            answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(answer, StoreUnavailable) for answer in answers)
    assert len({id(answer) for answer in answers}) == 40
    assert {str(answer) for answer in answers} == {str(answers[0])}
    assert "nothing was committed now" in str(answers[0])
    assert (await SqliteStore(path).load()).version == stored.version + 1
    assert (await store.commit(adding("there is room"))).playbook.size == 3


async def test_threads_with_loops_of_their_own_share_a_store(path: Path) -> None:
    store = SqliteStore(path)

    def work(name: int) -> None:
        async def commits() -> None:
            answers = await together(store, *(adding(f"lesson {name} {number}") for number in range(10)))
            assert all(isinstance(answer, Committed) for answer in answers)

        asyncio.run(commits())

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    assert (await store.load()).size == 40
    assert (await store.verify()).sound


async def test_what_a_person_wrote_goes_with_the_first_that_is_stored(tmp_path: Path) -> None:
    path = tmp_path / "playbook.json"
    store = open_store(path)
    await store.commit(adding("first"))
    path.write_text(path.read_text().replace('"first"', '"first, by hand"'))
    wrong = Commit(run_id="r", decisions=(Pin(bullet="nothing"),))
    with locked(tmp_path / "playbook.db"):
        tasks = await waiting(store, tmp_path / "playbook.db", wrong, adding("second"), adding("third"))
    refused, second, third = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(refused, ConfigurationError)
    assert isinstance(second, Committed)
    assert isinstance(third, Committed)
    assert [bullet.content for bullet in third.playbook.active] == ["first, by hand", "second", "third"]
    assert third.playbook.version == 4
    assert await open_store(path).load() == third.playbook


async def test_what_a_person_wrote_is_kept_where_the_only_commit_is_a_repetition(tmp_path: Path) -> None:
    path = tmp_path / "playbook.json"
    store = open_store(path)
    once = Commit(run_id="r", delta=delta(rule("first")), episode=episode("once"))
    await store.commit(once)
    path.write_text(path.read_text().replace('"first"', '"first, by hand"'))
    again = await store.commit(once)
    assert again.repeated
    assert [bullet.content for bullet in again.playbook.active] == ["first, by hand"]
    assert "first, by hand" in path.read_text()
    assert await open_store(path).load() == again.playbook


async def test_one_that_comes_while_all_others_are_cancelled_is_stored() -> None:
    stored = Committed(playbook=Playbook())
    came = Future[Waiting]()

    def write(take: Callable[[], Sequence[Waiting]], nobody_waits: Callable[[], bool]) -> Sequence[Answer]:
        if not came.done():
            ready.wait()
            group.withdraw(first, Abandoned())
            assert nobody_waits()
            came.set_result(group.join(adding("second")))
            raise Abandoned
        return [stored for _ in take()]

    group, ready = Group(write), threading.Event()
    first = group.join(adding("first"))
    ready.set()
    assert isinstance(await asyncio.to_thread(first.answer.exception, 10), Abandoned)
    second = await asyncio.to_thread(came.result, 10)
    assert await asyncio.to_thread(second.answer.result, 10) == stored
