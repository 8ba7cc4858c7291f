"""Collect what a run writes, within a budget of bytes, without ever waiting for it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

_CHUNK = 1 << 16


class ByteBudget:
    """How many bytes may still be kept, over all readers that share it."""

    def __init__(self, most: int, on_exceeded: Callable[[], None]) -> None:
        self.left = most
        self.exceeded = False
        self._on_exceeded = on_exceeded

    def take(self, data: bytes) -> bytes:
        """Return as much of `data` as may be kept; call back the first time that is not all."""
        kept = data[: self.left]
        self.left -= len(kept)
        if len(kept) < len(data) and not self.exceeded:
            self.exceeded = True
            self._on_exceeded()
        return kept


class PipeReader:
    """Reads one pipe, which must not block, until its end or until the budget is exceeded.

    It reads when told to `listen`, in the running event loop, and at last when told to `drain`.
    """

    def __init__(self, descriptor: int, budget: ByteBudget) -> None:
        self._descriptor = descriptor
        self._budget = budget
        self._kept: list[bytes] = []
        self._loop = asyncio.get_running_loop()
        self._open = True
        self._listens = False

    def listen(self) -> None:
        """Read whatever comes from now on."""
        if self._open and not self._listens:
            self._listens = True
            self._loop.add_reader(self._descriptor, self._read)

    def close(self) -> None:
        """Stop reading."""
        self._open = False
        if self._listens:
            self._listens = False
            self._loop.remove_reader(self._descriptor)

    def drain(self) -> bytes:
        """Read what is left once all writers are gone, and return everything that was kept."""
        while self._open and self._read():
            pass
        self.close()
        return b"".join(self._kept)

    def _read(self) -> bool:
        """Keep one chunk; return whether there may be more at once."""
        try:
            data = os.read(self._descriptor, _CHUNK)
        except BlockingIOError:
            return False
        self._kept.append(self._budget.take(data))
        if not data or self._budget.exceeded:
            self.close()
        return self._open


class PipeWriter:
    """Writes `data` into one pipe, which must not block, in the running event loop, then closes the pipe.

    `began` says that some of it may have been read.
    """

    def __init__(self, descriptor: int, data: bytes) -> None:
        self._descriptor = descriptor
        self._rest = memoryview(data)
        self._loop = asyncio.get_running_loop()
        self._open = True
        self._waits = False
        self.began = False
        self._write()
        if self._open:
            self._waits = True
            self._loop.add_writer(descriptor, self._write)

    def close(self) -> None:
        """Stop writing and close the pipe; the reader sees its end."""
        if self._waits:
            self._waits = False
            self._loop.remove_writer(self._descriptor)
        if self._open:
            self._open = False
            os.close(self._descriptor)

    def _write(self) -> None:
        try:
            while self._rest:
                self._rest = self._rest[os.write(self._descriptor, self._rest) :]
                self.began = True
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._rest = memoryview(b"")
        self.close()
