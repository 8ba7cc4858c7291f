# ruff: noqa: ASYNC222, ASYNC251  # a test has its event loop for itself
"""The writers' lock goes on when its holder dies, and the clock of any writer may be wrong."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.ace.making import adding
from tests.ace.store.forked import done_at_once
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.store import PlaybookStore, SqliteStore, open_store
from tta_dev_primitives.ace.store.lock import WriterLock
from tta_dev_primitives.ace.store.postgres.store import PostgresStore
from tta_dev_primitives.testing.memory_store import MemoryStore

HOUR_NS = 3_600 * 10**9


@contextmanager
def holder(path: Path) -> Generator[int]:
    """Yield a process that holds the writers' lock until it is killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            with WriterLock(path=path, timeout_s=5).held(lambda: False):
                os.write(writing, b"held")
                time.sleep(60)
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        assert told.read(4) == b"held"
    try:
        yield child
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


@pytest.mark.parametrize("name", ["playbook.db", "playbook.json"])
async def test_when_the_holder_is_killed_the_next_writer_goes_on(tmp_path: Path, name: str) -> None:
    store = open_store(tmp_path / name)
    await store.commit(adding("first"))
    with holder(tmp_path / "playbook.db") as child:
        waits = [asyncio.create_task(store.commit(adding(f"waited {number}"))) for number in range(3)]
        done, _ = await asyncio.wait(waits, timeout=0.1)
        assert not done
        os.kill(child, signal.SIGKILL)
        await asyncio.gather(*waits)
    assert (await open_store(tmp_path / name).load()).size == 4


@pytest.mark.parametrize("kind", ["memory", "sqlite", "postgres"])
async def test_a_clock_that_goes_back_never_reorders_what_happened(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    times = [10 * HOUR_NS, 9 * HOUR_NS, 1, 9 * HOUR_NS, 10 * HOUR_NS + 1, 0, 11 * HOUR_NS]
    clock = iter(times)
    store: PlaybookStore
    if kind == "postgres":
        store = PostgresStore(request.getfixturevalue("postgres_url"), clock=lambda: next(clock))
    elif kind == "sqlite":
        store = SqliteStore(tmp_path / "playbook.db", clock=lambda: next(clock))
    else:
        store = MemoryStore(clock=lambda: next(clock))
    seen = [(await store.commit(adding(f"lesson {number}"))).playbook for number in range(len(times))]
    history = await store.history()
    at = [item.recorded.at for item in history]
    assert at == sorted(set(at))
    assert at[-1] == 11 * HOUR_NS
    assert Playbook.fold(item.recorded for item in reversed(history)) == seen[-1] == await store.load()
    await store.aclose()


async def test_writers_whose_clocks_differ_by_hours_share_a_playbook(tmp_path: Path) -> None:
    path = tmp_path / "playbook.db"

    async def write(hours: int) -> None:
        store = SqliteStore(path, clock=lambda: time.time_ns() + hours * HOUR_NS)
        for number in range(4):
            await store.commit(adding(f"lesson {hours} {number}"))

    done_at_once(*(partial(write, hours) for hours in (0, -5, 3, -1, 2, 1)))
    store = SqliteStore(path)
    history = await store.history()
    at = [item.recorded.at for item in history]
    assert len(at) == 24
    assert at == sorted(set(at))
    assert Playbook.fold(item.recorded for item in reversed(history)) == await store.load()
    assert (await store.verify()).sound


async def test_a_process_that_was_forked_meanwhile_does_not_keep_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "playbook.db"
    with WriterLock(path=path, timeout_s=5).held(lambda: False):
        child = os.fork()
        if child == 0:
            time.sleep(60)
            os._exit(0)
    try:
        store = SqliteStore(path, lock_timeout_s=0.2)
        assert (await store.commit(adding("while the other lives"))).playbook.size == 1
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


async def test_a_store_can_be_used_in_a_process_that_was_forked_while_it_wrote(tmp_path: Path) -> None:
    path = tmp_path / "playbook.db"
    store = SqliteStore(path)
    with holder(path):
        waits = asyncio.create_task(store.commit(adding("of the parent")))
        await asyncio.sleep(0.02)
        child = os.fork()
        if child == 0:
            # A thread of its own has a loop of its own.
            work = threading.Thread(target=lambda: asyncio.run(store.commit(adding("of the child"))))
            work.start()
            work.join()
            os._exit(0)
    await waits
    for _ in range(1_000):
        if os.waitpid(child, os.WNOHANG) != (0, 0):
            break
        await asyncio.sleep(0.01)
    else:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert {bullet.content for bullet in (await store.load()).active} == {"of the parent", "of the child"}
