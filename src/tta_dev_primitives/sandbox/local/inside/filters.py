"""The seccomp filters of this jail: one for each kind of limits, made once."""

from __future__ import annotations

import os
from typing import Final

from . import exit_notice, seccomp, syscalls
from .messages import RunLimits

_KINDS: Final = (1, 2)
"""Processes: one, or several. How many is not the filter's business."""


class Filters:
    """Made before the first fork, so that no child has to."""

    def __init__(self) -> None:
        native = _native()
        self.notice = exit_notice.build(native)
        """Holds up a marked exit until it is heard."""
        self._made = {
            (kind, counts): seccomp.build(seccomp.Policy(kind, None, counts), native)
            for kind in _KINDS
            for counts in (False, True)
        }

    def of(self, limits: RunLimits) -> bytes:
        """Return the filter for a guest with `limits` in a pid namespace of its own."""
        return self._made[min(limits["processes"], _KINDS[-1]), _counts_data(limits)]


def for_itself(limits: RunLimits) -> bytes:
    """Return the filter for this process, which may signal itself only: no namespace bounds whom."""
    policy = seccomp.Policy(processes=1, only_pid=os.getpid(), private_memory=_counts_data(limits))
    return seccomp.build(policy, _native())


def _native() -> syscalls.Architecture:
    native = syscalls.native()
    if native is None:
        raise OSError(f"no system call table for {os.uname().machine}")
    return native


def _counts_data(limits: RunLimits) -> bool:
    return limits["address_bytes"] > limits["memory_bytes"]
