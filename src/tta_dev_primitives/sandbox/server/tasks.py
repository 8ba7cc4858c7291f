"""Work that goes on without the request that began it, and ends with its sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


class Tasks:
    """Tasks that are kept until they are done. Each handles its own errors."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Begin `work`."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def aclose(self) -> None:
        """Cancel what still runs and wait for it."""
        for task in self._running:
            task.cancel()
        while self._running:
            await asyncio.wait(self._running)
