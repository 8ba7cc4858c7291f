"""Why a run ended, from what the host and the kernel observed. No claim of the guest enters here."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from typing import Final

from ..types import Limits, Stop

_CLOSE_TO_A_LIMIT: Final = 0.9
"""Above this share of a limit, the limit explains the end."""
_PLAUSIBLE: Final = 0.5
"""The kernel counts clock ticks for RLIMIT_CPU and exact time for wait4; on a busy machine they differ by
tens of percent. Below this share a SIGXCPU was not the limit's but the program's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What was seen: the wait status, what was used, and why the host killed the run, if it did."""

    wait_status: int
    cpu_s: float
    peak_memory_bytes: int
    killed_for: Stop | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The three fields of `Execution` that say how a run ended."""

    stop: Stop
    exit_code: int | None
    signal: int | None


def ending(observed: Observed, limits: Limits) -> Ending:
    """Return why the run ended.

    A program that ended by itself in the moment the host's clock ran out did end by itself; one that printed
    too much is over its limit however it ended. MEMORY means that it failed while its memory was full.
    """
    killed_by = os.WTERMSIG(observed.wait_status) if os.WIFSIGNALED(observed.wait_status) else None
    code = os.WEXITSTATUS(observed.wait_status) if killed_by is None else None
    stop = _stop(observed, limits, killed_by, code)
    return Ending(stop=stop, exit_code=code if stop is Stop.EXITED else None, signal=killed_by)


def _stop(observed: Observed, limits: Limits, killed_by: int | None, code: int | None) -> Stop:
    if observed.killed_for is not None and (killed_by is not None or observed.killed_for is Stop.OUTPUT):
        return observed.killed_for
    share_of_cpu = observed.cpu_s / limits.cpu_s
    if (killed_by == signal.SIGXCPU and share_of_cpu >= _PLAUSIBLE) or (
        killed_by == signal.SIGKILL and share_of_cpu >= _CLOSE_TO_A_LIMIT
    ):
        return Stop.CPU_TIME
    if killed_by == signal.SIGSYS:
        return Stop.POLICY
    if code != 0 and observed.peak_memory_bytes >= _CLOSE_TO_A_LIMIT * limits.memory_bytes:
        return Stop.MEMORY
    return Stop.SIGNALLED if code is None else Stop.EXITED
