"""What a process of the jail waits for: descriptors, each with what to do when it is ready."""

from __future__ import annotations

import select
import signal
import time
from collections.abc import Callable
from typing import Final, NamedTuple

_PATIENCE_S: Final = 0.5
"""How long an init may take to kill and reap a run that it was told to end."""


class Events:
    """Waits for readable descriptors and calls back; kills what was told to end and did not, by pidfd."""

    def __init__(self) -> None:
        self._poll = select.poll()
        self._on_ready: dict[int, Callable[[], None]] = {}
        self._due: dict[int, float] = {}

    def listen(self, descriptor: int, on_ready: Callable[[], None]) -> None:
        """Call back whenever `descriptor` can be read, or is at its end."""
        self._on_ready[descriptor] = on_ready
        self._poll.register(descriptor, select.POLLIN)

    def ignore(self, descriptor: int) -> None:
        """Call back no more."""
        if self._on_ready.pop(descriptor, None) is not None:
            self._poll.unregister(descriptor)
        self.spare(descriptor)

    def expect_end(self, watch: int) -> None:
        """Kill the process behind the pidfd `watch`, if it is neither ignored nor spared soon."""
        self._due.setdefault(watch, time.monotonic() + _PATIENCE_S)

    def spare(self, watch: int) -> None:
        """Expect no end of this process any more."""
        self._due.pop(watch, None)

    def serve_once(self) -> None:
        """Wait until something is ready or due, and see to it."""
        for descriptor, _ in self._poll.poll(_PATIENCE_S * 1000 if self._due else None):
            on_ready = self._on_ready.get(descriptor)
            if on_ready is not None:  # ignored by what came before it
                on_ready()
        now = time.monotonic()
        for watch, due in self._due.items():
            if now >= due:
                send_signal(watch, signal.SIGKILL)


class Watched(NamedTuple):
    """A child process: its pid, and the pidfd that is readable when it has ended."""

    pid: int
    watch: int


def send_signal(watch: int, number: int) -> None:
    """Send a signal to the process behind a pidfd, if it lives."""
    try:
        signal.pidfd_send_signal(watch, number)
    except ProcessLookupError:
        return
