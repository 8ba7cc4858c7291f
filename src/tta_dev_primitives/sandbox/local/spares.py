"""Spares: children of one zygote that are confined already and wait for a program."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from ...core.errors import SandboxCrashed
from .child import Child
from .inside.messages import RunLimits
from .process import ZygoteProcess

_SOON_S: Final = 0.005
"""Longer than a short run takes."""


class Spares:
    """Keeps `count` spares with `limits`, which are fixed when a child is confined."""

    def __init__(self, zygote: ZygoteProcess, limits: RunLimits, count: int) -> None:
        self.zygote = zygote
        self._limits = limits
        self._count = count
        self._waiting: deque[Child] = deque()

    def take(self, limits: RunLimits) -> Child:
        """Return a spare that lives, or a fresh child if there is none or it needs other limits."""
        while self._waiting and limits == self._limits:
            child = self._waiting.popleft()
            if child.end is None:
                return child
            child.discard()
        return Child(self.zygote, limits)

    def refill(self) -> None:
        """Ask for what is missing, as far as descriptors suffice. Does not wait."""
        try:
            while self.zygote.alive and len(self._waiting) < self._count:
                self._waiting.append(Child(self.zygote, self._limits))
        except SandboxCrashed:
            return

    @contextmanager
    def refilled(self) -> Generator[None]:
        """Replace what was taken: soon, or when the run in the `with` is over, so that it is not slowed."""
        loop = asyncio.get_running_loop()
        soon = loop.call_later(_SOON_S, self.refill)
        try:
            yield
        finally:
            soon.cancel()
            loop.call_soon(self.refill)

    def retire(self) -> None:
        """End all spares and keep none from now on."""
        self._count = 0
        self.drop()

    def drop(self) -> None:
        """End all spares."""
        while self._waiting:
            self._waiting.popleft().discard()
