"""Resource limits of one run, as the kernel knows them."""

from __future__ import annotations

import resource
from typing import Final

from .messages import RunLimits

_THREADS_OF_ONE_PROCESS: Final = 64
"""With one process, RLIMIT_NPROC counts its threads only."""
_STACK_BYTES: Final = 8 << 20
_PENDING_SIGNALS: Final = 128


def apply(limits: RunLimits, *, count_tasks: bool) -> None:
    """Set all limits, soft and hard.

    `count_tasks` needs a user namespace where only this run is: elsewhere RLIMIT_NPROC counts other work.
    """
    fixed = {
        resource.RLIMIT_AS: limits["address_bytes"],
        resource.RLIMIT_DATA: limits["memory_bytes"],
        resource.RLIMIT_FSIZE: limits["disk_bytes"],
        resource.RLIMIT_NOFILE: limits["open_files"],
        # Not 0: that says nothing to a pattern that pipes core dumps to a program of the host.
        resource.RLIMIT_CORE: 1,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_SIGPENDING: _PENDING_SIGNALS,
    }
    if count_tasks:
        one = limits["processes"] == 1
        fixed[resource.RLIMIT_NPROC] = _THREADS_OF_ONE_PROCESS if one else limits["processes"]
    for which, value in fixed.items():
        _lower(which, value, value)
    _lower(resource.RLIMIT_STACK, _STACK_BYTES, _STACK_BYTES)
    # SIGXCPU first, so that the host can tell; SIGKILL a second later if it was ignored.
    _lower(resource.RLIMIT_CPU, limits["cpu_s"], limits["cpu_s"] + 1)


def _lower(which: int, soft: int, hard: int) -> None:
    """Set a limit, or keep the hard limit of the environment where that is lower already."""
    _, most = resource.getrlimit(which)
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    resource.setrlimit(which, (soft, hard))
