"""A playbook on a server: its writer is killed, or the server's process that serves it, or all of it."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, NoReturn

import psycopg

from tests.ace.making import adding, episode
from tests.ace.store.postgres_server import PostgresServer
from tta_dev_primitives.ace.store import Commit
from tta_dev_primitives.ace.store.postgres.store import PostgresStore

VICTIMS: Final = ("client", "backend", "server")
_MOST_S: Final = 0.4


def kill_on_a_server(server: PostgresServer, url: str, seed: int, victim: str) -> frozenset[str]:
    """Kill at a moment that `seed` decides on, and return the lessons that were acknowledged.

    Where it is the server's process that dies, the writer waits for it and goes on; then it is killed too.
    """
    source = random.Random(seed)  # noqa: S311  # no secret
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _write(url, f"{seed}-{victim}", writing)
    os.close(writing)
    said = _Said(reading)
    said.wait_for_more(1)
    time.sleep(source.uniform(0, _MOST_S))
    if victim == "backend":
        _kill_a_backend(server)
    elif victim == "server":
        _kill_and_restart(server)
    if victim != "client":
        server.wait()
        said.wait_for_more(3)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return said.lessons()


def _write(url: str, name: str, out: int) -> NoReturn:
    """Write until killed. Nothing of the parent may run here: not its handlers, not its finalisers."""
    try:
        asyncio.run(_commit(url, name, out))
    except BaseException as error:  # noqa: BLE001  # told, and then there is nobody to raise it to
        os.write(out, f"error {error!r}\n".encode())
    finally:
        os._exit(1)


async def _commit(url: str, name: str, out: int) -> NoReturn:
    store = PostgresStore(url, snapshot_every=5)
    for number in itertools.count():
        lesson = f"lesson {name} {number}"
        await store.commit(Commit(run_id="r", delta=adding(lesson).delta, episode=episode(lesson)))
        os.write(out, f"{lesson}\n".encode())
    raise AssertionError("unreachable")


class _Said:
    """What a writer says in a pipe."""

    def __init__(self, pipe: int) -> None:
        self._pipe, self._text = pipe, b""
        os.set_blocking(pipe, False)

    def lessons(self) -> frozenset[str]:
        """Return all that was acknowledged, once the writer is dead."""
        self._read()
        os.close(self._pipe)
        *lines, _ = self._text.decode().split("\n")
        assert all(line.startswith("lesson ") for line in lines), lines
        return frozenset(lines)

    def wait_for_more(self, lines: int) -> None:
        """Wait until that many more commits are acknowledged."""
        self._read()  # what was said before does not count
        wanted, deadline = self._text.count(b"\n") + lines, time.monotonic() + 60
        while self._text.count(b"\n") < wanted:
            assert time.monotonic() < deadline, self._text
            assert b"error" not in self._text, self._text
            time.sleep(0.005)
            self._read()

    def _read(self) -> None:
        with suppress(BlockingIOError):
            while part := os.read(self._pipe, 1 << 16):
                self._text += part


async def check_server(url: str, acknowledged: frozenset[str]) -> None:
    """Check that the playbook is sound and has all that was acknowledged."""
    store = PostgresStore(url)
    found = await store.verify()
    assert found.sound, found.damages
    assert acknowledged <= {bullet.content for bullet in (await store.load()).bullets.values()}
    await store.aclose()


def _kill_a_backend(server: PostgresServer) -> None:
    """Kill the process that serves the writer; PostgreSQL ends the others and recovers by itself."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        found = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'playbox' LIMIT 1"
        ).fetchone()
    if found is not None:
        os.kill(int(found[0]), signal.SIGKILL)


def _kill_and_restart(server: PostgresServer) -> None:
    """Kill the server itself; what it had started ends once it notices, and only then can another start."""
    children = _children(server.pid)
    server.stop(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < deadline, "processes of the server that was killed go on"
        time.sleep(0.01)
    server.start()


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in listed.split()]
