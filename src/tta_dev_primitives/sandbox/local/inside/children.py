"""Hear of children that end, orphans included, beside everything else that an init waits for."""

from __future__ import annotations

import os
import signal
from typing import Final

MOST: Final = 4096
"""What is read of the descriptor at once; how much there was says nothing."""


def wake() -> int:
    """Return a descriptor that is readable when a child has ended."""
    readable, writable = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    # Process 1 ignores what it has no handler for; whoever is in its namespace may send it signals.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGCHLD, _only_wake)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    return readable


def let_sleep() -> None:
    """Undo that in a fork."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def _only_wake(*_: object) -> None:
    """The wake-up descriptor says it all."""
