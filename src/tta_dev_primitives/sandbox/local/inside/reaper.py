"""The end of a run, seen by process 1 of its pid namespace: kill what is left, reap it, and say what it used.

Dead and reaped comes before the verdict as a rule, since the kernel counts what reaped processes used. A
marked exit (see exit_notice.py) is told earlier: the guest is in its last call, everything of the run has got
its SIGKILL, and what is left to the kernel is to free memory.
"""

from __future__ import annotations

import contextlib
import os
import re
import resource
import select
import signal
import time
from typing import Final, NamedTuple

from . import verdict
from .messages import Exited
from .verdict import Verdict

_MAX_PROC_BYTES: Final = 4096
_SPACE: Final = bytearray(_MAX_PROC_BYTES)
_BLANK: Final = bytes(_MAX_PROC_BYTES)
_NUMBER: Final = re.compile(rb"\s*(\d+)")
_CPUCLOCK_SCHED: Final = 2
_PEAK: Final = b"\nVmHWM:"
_THREADS: Final = b"\nThreads:\t"
_HOST_MS: Final = 20
"""How long the host may take to go on after it was told; much longer than it does."""
_NO_PRIORITY: Final = os.sched_param(0)
_REAPED_AT_ONCE: Final = 256


class _Seen(NamedTuple):
    """What is seen of a living guest: CPU seconds and peak bytes, and whether it has one thread only."""

    used: tuple[float, int]
    alone: bool


class Guest(NamedTuple):
    """A guest that may give notice: its pid, and a descriptor of its status in /proc."""

    pid: int
    status: int


class Reaped:
    """What was reaped of one run, whose guest is `main`."""

    def __init__(self, main: int) -> None:
        self._main = main
        self._cpu_s = 0.0
        self._peak_memory_bytes = 0
        self.wait_status: int | None = None
        """The guest's, once it is reaped."""

    def add(self, pid: int, wait_status: int, used: resource.struct_rusage) -> None:
        """Count what a child and all that it had reaped itself used."""
        self._cpu_s += used.ru_utime + used.ru_stime
        self._peak_memory_bytes = max(self._peak_memory_bytes, used.ru_maxrss * 1024)
        if pid == self._main:
            self.wait_status = wait_status

    def what_ended(self) -> bool:
        """Reap what has ended by now; return whether there may be more: a guest may be as quick as this."""
        for _ in range(_REAPED_AT_ONCE):
            try:
                pid, wait_status, used = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return False
            self.add(pid, wait_status, used)
        return True

    def everything(self) -> None:
        """Kill and reap all that is left in this pid namespace but its process 1."""
        while kill_all_others():
            # Children of a guest that ignored SIGCHLD are nobody's to reap, and there for a moment yet.
            with contextlib.suppress(ChildProcessError):
                self.add(*os.wait4(-1, 0))

    def verdict(self) -> Verdict:
        """Return how the guest ended, and what the run used, when everything of it is reaped."""
        return Verdict(self.wait_status or 0, self._cpu_s, self._peak_memory_bytes, gone=True)


def measured(wait_status: int, used: resource.struct_rusage) -> bytes:
    """Return the verdict on a guest that used so much, as a message."""
    return verdict.ended(Verdict(wait_status, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024))


def exited(run: int, wait_status: int, used: resource.struct_rusage) -> Exited:
    """Return what the host is told when nothing of a run is left."""
    return Exited(
        op="exited",
        id=run,
        status=wait_status,
        cpu_s=used.ru_utime + used.ru_stime,
        peak_memory_bytes=used.ru_maxrss * 1024,
    )


def tell(verdict_pipe: int, message: bytes) -> None:
    """Tell the host, if it still listens."""
    with contextlib.suppress(OSError):
        os.write(verdict_pipe, message)


def watch(pid: int, processes: int) -> Guest:
    """Open what will be read of the guest at its end; `processes` is a directory that shows it."""
    return Guest(pid, os.open(f"{pid}/status", os.O_RDONLY | os.O_CLOEXEC, dir_fd=processes))


def end_early(exit_code: int, guest: Guest, verdict_pipe: int) -> bool:
    """Tell that the guest ended as its notice says: it can do nothing any more, so that is what happened.

    Return whether the host was told; if not, only reaping the guest will tell what it used. It must not have
    executed another program, as only that one's peak would be seen.
    """
    seen = _look(guest)
    message = None if seen is None else verdict.ended(Verdict(exit_code << 8, *seen.used))
    if seen is not None and message is not None and seen.alone:
        # It is all there is of the run, and hangs in its last call: to kill it now would only make the kernel
        # free its memory just when the host wants to go on.
        tell(verdict_pipe, message)
        _until_host_is_done(verdict_pipe)
        return True
    # It does not push this process aside to die, which takes it longer than what is to be done here. A guest
    # that chose a policy of its own may have made that impossible, which changes nothing about its end.
    with contextlib.suppress(OSError):
        os.sched_setscheduler(guest.pid, os.SCHED_BATCH, _NO_PRIORITY)
    kill_all_others()
    if message is not None:
        tell(verdict_pipe, message)
    return message is not None


def rehearse(guest: Guest, verdict_pipe: int) -> None:
    """Do what the end will need: since the fork, the first write to each page copies it."""
    _look(guest)
    tell(verdict_pipe, b"")


def kill_all_others() -> bool:
    """Kill every process of this pid namespace but process 1; return whether there was one, dead or alive."""
    try:
        os.kill(-1, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _until_host_is_done(verdict_pipe: int) -> None:
    """Wait until the host closed its end of the pipe, but not for long."""
    poll = select.poll()
    poll.register(verdict_pipe, 0)
    poll.poll(_HOST_MS)


def _look(guest: Guest) -> _Seen | None:
    """Return what a guest that waits in its last call has used; None when it dies anyway.

    Read in one place and wiped: the next guest is a copy of this memory, and its name is a guest's choice.
    """
    try:
        size = os.preadv(guest.status, [_SPACE], 0)
        # From the end: its name, though the kernel lets it have no ends of lines, comes first.
        alone = _number_after(_SPACE.rfind(_THREADS, 0, size) + len(_THREADS)) == 1
        at = _SPACE.rfind(_PEAK, 0, size)
        # The groups of a user with hundreds may leave no room for all of it.
        whole = at >= 0 and size < _MAX_PROC_BYTES
        peak = _number_after(at + len(_PEAK)) * 1024 if whole else 0
    finally:
        _SPACE[:] = _BLANK
    if not peak:
        return None
    return _Seen((time.clock_gettime(~guest.pid << 3 | _CPUCLOCK_SCHED), peak), alone)


def _number_after(start: int) -> int:
    """Return the number that begins there, after spaces or none."""
    found = _NUMBER.match(_SPACE, start)
    return int(found[1]) if found else 0
