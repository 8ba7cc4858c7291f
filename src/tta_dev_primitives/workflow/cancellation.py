"""Whether the task was told to stop, also where a step answers a cancellation with an error of its own."""

from __future__ import annotations

import asyncio
from typing import final


@final
class Cancellation:
    """Watches the running task from now on; what a timeout inside cancelled and took back is none."""

    def __init__(self) -> None:
        self._task = asyncio.current_task()
        self._before = self._requests()

    def came(self) -> bool:
        """Tell whether somebody cancelled the task since."""
        return self._requests() > self._before

    def _requests(self) -> int:
        return 0 if self._task is None else self._task.cancelling()
