"""What a kernel prints while a cell runs, decoded as it comes."""

from __future__ import annotations

import asyncio
import codecs
import os
from collections.abc import Callable

from ..capture import ByteBudget

_CHUNK = 1 << 16


class Tap:
    """One of a kernel's output pipes, open as long as the kernel is. It is read while a cell runs only."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._loop = asyncio.get_running_loop()
        self._reading = False
        self._open = True
        self._begin(ByteBudget(0, _nothing), _nothing)

    def open(self, budget: ByteBudget, on_text: Callable[[str], None]) -> None:
        """Keep what is printed from now on, calling back with texts; what is over the budget is dropped."""
        self._begin(budget, on_text)

    def listen(self) -> None:
        """Read as it comes; without this it is read at the end."""
        if self._open and not self._reading:
            self._reading = True
            self._loop.add_reader(self._descriptor, self._read)

    def catch_up(self) -> None:
        """Read what is there by now."""
        while self._open and self._read():
            pass

    def shut(self) -> str:
        """Read what is there, stop reading, and return all that was kept since `open`."""
        self.catch_up()
        self._stop()
        self._keep(self._decoder.decode(b"", final=True))
        return "".join(self._kept)

    def close(self) -> None:
        """Close the pipe."""
        self._stop()
        if self._open:
            self._open = False
            os.close(self._descriptor)

    def _begin(self, budget: ByteBudget, on_text: Callable[[str], None]) -> None:
        self._budget, self._on_text = budget, on_text
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._kept: list[str] = []

    def _stop(self) -> None:
        if self._reading and not self._loop.is_closed():
            self._loop.remove_reader(self._descriptor)
        self._reading = False

    def _read(self) -> bool:
        """Take one chunk; return whether there may be more at once."""
        try:
            data = os.read(self._descriptor, _CHUNK)
        except BlockingIOError:
            return False
        if not data:
            self._stop()
            return False
        self._keep(self._decoder.decode(self._budget.take(data)))
        # A flood must not keep the loop from noticing that it is one.
        return not self._budget.exceeded

    def _keep(self, text: str) -> None:
        if text:
            self._kept.append(text)
            self._on_text(text)


def _nothing(*_: object) -> None:
    """Nobody listens."""
