"""Two functions of `signal` without the enumerations that it makes of all that they take and return.

Those are dozens of objects, each in memory that a fresh fork has to copy before it can count a reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signal import pthread_sigmask, signal
else:
    from _signal import pthread_sigmask, signal

__all__ = ["pthread_sigmask", "signal"]
