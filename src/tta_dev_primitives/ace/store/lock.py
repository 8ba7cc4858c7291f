"""A fair lock between processes and threads, on side files of the playbook.

SQLite's own busy handler starves writers: 0 against 557 appends, measured. Here a writer first takes the
queue's lock, waits at its head for the writer's lock, and only then lets the next one to the head. So whoever
has just written cannot overtake one who waits.
"""

from __future__ import annotations

import fcntl
import os
import random
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import StoreUnavailable

_POLL_S = 0.001  # a commit takes some milliseconds, most of them in fsync


class Abandoned(Exception):  # control flow within this package, never seen by a user
    """The caller was cancelled before anything was committed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterLock:
    """The right to write the playbook at `path`. `timeout_s` is in seconds."""

    path: Path
    timeout_s: float

    @contextmanager
    def held(self, abandoned: Callable[[], bool]) -> Generator[None]:
        """Hold the lock. The kernel releases it if the process dies.

        Raises:
            StoreUnavailable: another writer held it for longer than `timeout_s`.
            Abandoned: `abandoned` said so while waiting.
        """
        deadline = time.monotonic() + self.timeout_s
        with self._file("queue") as queue, self._file("lock") as lock:
            self._wait(queue, deadline, abandoned)
            self._wait(lock, deadline, abandoned)
            fcntl.flock(queue, fcntl.LOCK_UN)
            yield

    def _wait(self, descriptor: int, deadline: float, abandoned: Callable[[], bool]) -> None:
        while not _try_lock(descriptor):
            if abandoned():
                raise Abandoned
            if time.monotonic() > deadline:
                raise StoreUnavailable(
                    f"another writer has held the playbook {str(self.path)!r} for {self.timeout_s} s; "
                    "end the process that hangs, or try again later"
                )
            time.sleep(_POLL_S * random.uniform(0.5, 1.5))  # noqa: S311  # spreads the polls, guards nothing

    @contextmanager
    def _file(self, suffix: str) -> Generator[int]:
        name = self.path.with_name(f"{self.path.name}-{suffix}")
        descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            yield descriptor
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # a process that was forked meanwhile has it open as well
            os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
