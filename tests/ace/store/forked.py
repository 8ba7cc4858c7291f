"""Work in processes of their own, which may be killed before any of their calls."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Final, TypeAlias

Work: TypeAlias = Callable[[], Coroutine[object, object, object]]
_CALLS: Final = frozenset({"fsync", "replace", "rename", "unlink", "open", "link"})


def killed_before_each_call(
    prepared: Path, work: Callable[[Path], Coroutine[object, object, object]]
) -> Iterator[Path]:
    """Do `work` on a copy of the folder `prepared`, killed before it first calls SQLite or the file system.

    Then on a new copy, killed before the second call, and so on. Yields each copy as it was left; in the last
    one nobody was killed, as the work was done before.
    """
    for number in count(1):
        copy = Path(shutil.copytree(prepared, prepared.with_name(f"{prepared.name}-{number}")))
        child, reading = _started(partial(_killed_before, partial(work, copy), number))
        with os.fdopen(reading, "rb") as told:
            said = told.read(2)
            if said == b"be":
                os.kill(child, signal.SIGKILL)
            said += told.read()
        os.waitpid(child, 0)
        assert said in {b"b", b"be"}, said.decode()
        yield copy
        shutil.rmtree(copy)
        if said == b"be":
            return


async def _killed_before(work: Work, number: int) -> None:
    calls = count(1)

    def watch(_frame: FrameType, event: str, called: object) -> None:
        if event == "c_call" and _touches_disk(called) and next(calls) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    threading.setprofile(watch)  # of the threads that are started from now on
    await work()


def _touches_disk(called: object) -> bool:
    owner = getattr(called, "__self__", None)
    if isinstance(owner, sqlite3.Connection | sqlite3.Cursor):
        return True
    return getattr(owner, "__name__", "") == "posix" and getattr(called, "__name__", "") in _CALLS


def done_at_once(*works: Work) -> None:
    """Do each of `works` in a process, all at the same time, to their ends."""
    started = [_started(work) for work in works]
    for child, reading in started:
        with os.fdopen(reading, "rb") as told:
            said = told.read(2)
            os.kill(child, signal.SIGKILL)
            said += told.read()
        os.waitpid(child, 0)
        assert said == b"be", said.decode()


def _started(work: Work) -> tuple[int, int]:
    """Return the process that does `work`, and the pipe in which it tells."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _work(work, writing)
    os.close(writing)
    return child, reading


def _work(work: Work, out: int) -> None:
    """Work and wait to be killed. Nothing of the parent may run here: no handler, no finaliser of its."""
    try:
        os.write(out, b"b")
        asyncio.run(work())
        os.write(out, b"e")
        time.sleep(60)
    except BaseException as error:  # noqa: BLE001  # told, and then there is nobody to raise it to
        os.write(out, f"!{error!r}".encode())
    finally:
        os._exit(1)
