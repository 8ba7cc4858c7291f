"""Back-pressure: so many runs at once, those that are just ending included; the others wait their turn."""

from __future__ import annotations

import asyncio
import os
from types import TracebackType
from typing import Self

from ...core.errors import ConfigurationError
from .child import Child

_LEAST = 4
_PER_CORE = 2


def default_capacity() -> int:
    """Return twice the number of cores: while one run ends, the next can start."""
    return max(_LEAST, _PER_CORE * (os.cpu_count() or 1))


def check_positive(name: str, value: int) -> None:
    """Refuse a number of runs that is none."""
    if type(value) is not int or value < 1:
        raise ConfigurationError(f"{name}={value!r} must be a whole number above 0")


class Place:
    """One of the places. It is free after its `async with`, or later if `keep_until_gone` was called."""

    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places = places
        self._loop = asyncio.get_running_loop()
        self._kept = False

    async def __aenter__(self) -> Self:
        await self._places.acquire()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._kept:
            self.free()

    def keep_until_gone(self, child: Child) -> None:
        """Free the place when nothing of `child` is left."""
        self._kept = True
        child.when_gone(self.free)

    def free(self) -> None:
        """Let the next one in. Who waited in a loop that is over waits no more."""
        if not self._loop.is_closed():
            self._places.release()


class Capacity:
    """So many places, in one event loop. Waiting may be cancelled."""

    def __init__(self, most: int) -> None:
        self._places = asyncio.Semaphore(most)

    def place(self) -> Place:
        """Return a place to wait for and hold, by `async with`."""
        return Place(self._places)
