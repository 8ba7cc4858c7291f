"""Work in processes of their own, which may be killed at a random moment."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable, Coroutine


def killed_while(work: Callable[[], Coroutine[object, object, object]], *, seed: int, most_s: float) -> bool:
    """Do `work` in a process that is killed within `most_s` seconds; return whether it was done by then."""
    child, reading = _started(work)
    with os.fdopen(reading, "rb") as told:
        assert told.read(1) == b"b"
        time.sleep(random.Random(seed).uniform(0, most_s))  # noqa: S311  # no secret
        os.kill(child, signal.SIGKILL)
        said = told.read()
    os.waitpid(child, 0)
    if b"!" in said:
        raise AssertionError(f"the work failed before it was killed (seed {seed}): {said.decode()}")
    return said == b"e"


def done_at_once(*works: Callable[[], Coroutine[object, object, object]]) -> None:
    """Do each of `works` in a process, all at the same time, to their ends."""
    started = [_started(work) for work in works]
    for child, reading in started:
        with os.fdopen(reading, "rb") as told:
            said = told.read(2)
            os.kill(child, signal.SIGKILL)
            said += told.read()
        os.waitpid(child, 0)
        assert said == b"be", said.decode()


def _started(work: Callable[[], Coroutine[object, object, object]]) -> tuple[int, int]:
    """Return the process that does `work`, and the pipe in which it tells."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _work(work, writing)
    os.close(writing)
    return child, reading


def _work(work: Callable[[], Coroutine[object, object, object]], out: int) -> None:
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
