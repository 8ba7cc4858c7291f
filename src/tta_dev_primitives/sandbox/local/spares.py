"""Spares: children of one zygote that are confined already and wait for a program."""

from __future__ import annotations

import asyncio
from collections import deque
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
        """Return a spare that lives and can take on `limits`, or a fresh child if there is none."""
        while self._waiting and self.serves(limits):
            child = self._waiting.popleft()
            if child.end is None:
                return child
            child.discard()
        return Child(self.zygote, limits)

    def serves(self, limits: RunLimits) -> bool:
        """Whether a spare can take on these: its disk and its filter stay, the rest may become less."""
        own = self._limits
        return (
            all(limits[name] == own[name] for name in ("disk_bytes", "inodes", "processes"))
            and all(limits[name] <= own[name] for name in ("cpu_s", "memory_bytes", "open_files"))
            and limits["address_bytes"] - limits["memory_bytes"] == own["address_bytes"] - own["memory_bytes"]
        )

    def refill(self) -> None:
        """Ask for what is missing, as far as descriptors suffice. Does not wait."""
        try:
            while self.zygote.alive and len(self._waiting) < self._count:
                self._waiting.append(Child(self.zygote, self._limits))
        except SandboxCrashed:
            return

    def refill_soon(self) -> asyncio.TimerHandle:
        """Replace what was taken in a moment, so that a short run is not slowed."""
        return asyncio.get_running_loop().call_later(_SOON_S, self.refill)

    def refill_next(self) -> None:
        """Replace what was taken as soon as the caller has gone on."""
        asyncio.get_running_loop().call_soon(self.refill)

    def retire(self) -> None:
        """End all spares and keep none from now on."""
        self._count = 0
        self.drop()

    def drop(self) -> None:
        """End all spares."""
        while self._waiting:
            self._waiting.popleft().discard()
