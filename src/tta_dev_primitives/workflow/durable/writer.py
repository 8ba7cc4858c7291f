"""Writer: one thread that holds the lock of a run and does its writes in order, beside the event loop."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from ...core.errors import StoreUnavailable
from .database import open_database, write
from .faults import faults
from .run_lock import lock_run

T = TypeVar("T")


class Writer:
    """A connection of its own to the journal at `path`, and the lock on `run_id`, from `open` to `close`."""

    def __init__(self, path: Path, run_id: str, busy_s: float) -> None:
        self.path = path
        self._run_id = run_id
        self._busy_s = busy_s
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        self._connection: sqlite3.Connection | None = None
        self._lock: int | None = None

    async def open(self) -> None:
        """Take the lock and open the file.

        Raises:
            RunInProgress: somebody else has the lock.
            StoreError: the file cannot be used.
        """
        await self._wait(self._submit(self._open))

    async def write(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `job` gives once its changes are on the disk. To be cancelled does not undo it."""
        return await self._wait(self.write_later(job))

    def write_later(self, job: Callable[[sqlite3.Connection], T]) -> Future[T]:
        """Do `job` after all before it, without waiting for it."""
        return self._submit(lambda: write(self._opened(), self._busy_s, job))

    async def close(self) -> None:
        """Finish what was asked for, close the file and release the lock; a cancellation waits for that."""
        closed = asyncio.wrap_future(self._submit(self._close))
        self._thread.shutdown(wait=False)
        cancelled: asyncio.CancelledError | None = None
        while not closed.done():
            try:
                await asyncio.wait([closed])
            except asyncio.CancelledError as late:
                cancelled = late
        closed.result()
        if cancelled is not None:
            raise cancelled

    async def _wait(self, future: Future[T]) -> T:
        return await asyncio.shield(asyncio.wrap_future(future))

    def _submit(self, job: Callable[[], T]) -> Future[T]:
        def guarded() -> T:
            with faults(self.path):
                return job()

        try:
            return self._thread.submit(guarded)
        except RuntimeError as error:
            raise StoreUnavailable(
                f"the attempt at run {self._run_id!r} is over, so its journal takes no more steps; await all "
                "that a workflow starts before it ends"
            ) from error

    def _open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = lock_run(self.path, self._run_id)
        self._connection = open_database(self.path, self._busy_s)

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            raise sqlite3.ProgrammingError("the journal is closed")
        return self._connection

    def _close(self) -> None:
        try:
            if self._connection is not None:
                with closing(self._connection):
                    self._connection = None
        finally:
            if self._lock is not None:
                os.close(self._lock)
                self._lock = None
