"""Process 1 of a run: wait for the guest's end, kill and reap all of the run, tell the host how it ended.

Dead and reaped comes before the verdict as a rule, since the kernel counts what reaped processes used. A
marked exit (see exit_notice.py) is told earlier: the guest is in its last call, everything of the run has got
its SIGKILL, and what is left to the kernel is to free memory.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import time
from typing import Final, NamedTuple, NoReturn

from . import exit_notice, privileges, verdict
from .exit_notice import Notice
from .verdict import Verdict

_PF_FORKNOEXEC: Final = 0x40
"""The kernel's mark of a process that still runs the program it was forked with."""
_FLAGS_FIELD: Final = 6
"""Of /proc/PID/stat, counted from the field after the name."""
_MAX_PROC_BYTES: Final = 4096
_CPUCLOCK_SCHED: Final = 2
_PEAK: Final = b"VmHWM:"
_THREADS: Final = b"\nThreads:\t"
_HOST_MS: Final = 20
"""How long the host may take to go on after it was told; much longer than it does."""
_NO_PRIORITY: Final = os.sched_param(0)
_REHEARSALS: Final = 2


class _Guest(NamedTuple):
    """A guest that gives notice: its pid, descriptors of its end and of its two files in /proc."""

    pid: int
    end: int
    status: int
    stat: int


def reap_until_gone(main: int, verdict_pipe: int, listener: int | None) -> NoReturn:
    """When the guest ends, or SIGTERM says so, kill the rest, tell the host, and end with the last of it."""
    os.closerange(0, verdict_pipe)
    signal.signal(signal.SIGTERM, _kill_all_others)
    privileges.drop_capabilities()
    _touch_what_the_end_needs()
    if listener is not None:
        _hear_notice(main, verdict_pipe, listener)
    status = _wait_for(main)
    _reap_the_rest()
    tell(verdict_pipe, measured(status, resource.getrusage(resource.RUSAGE_CHILDREN)))
    os._exit(0)


def measured(wait_status: int, used: resource.struct_rusage) -> bytes:
    """Return the verdict on a guest that used so much, as a message."""
    return verdict.ended(Verdict(wait_status, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024))


def tell(verdict_pipe: int, message: bytes) -> None:
    """Tell the host, if it still listens."""
    with contextlib.suppress(OSError):
        os.write(verdict_pipe, message)


def _hear_notice(main: int, verdict_pipe: int, listener: int) -> None:
    """Return when the guest ended without a notice; with one, tell how it ended and end this process."""
    guest = _watch(main)
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    poll.register(guest.end, select.POLLIN)
    for _ in range(_REHEARSALS):
        dict(poll.poll(0))
        exit_notice.rehearse(listener)
        _rehearse_end(guest, verdict_pipe)
    while guest.end not in dict(poll.poll()):
        notice = exit_notice.receive(listener)
        if notice is not None and notice.pid == main:
            _end_with(notice, guest, verdict_pipe)
        # Of a mere thread, or called back by a signal: none of ours, so the guest's own game is over.
        _kill_all_others()


def _end_with(notice: Notice, guest: _Guest, verdict_pipe: int) -> NoReturn:
    """Tell that the guest ended as its notice says. It can do nothing any more, so that is what happened."""
    wait_status = notice.exit_code << 8
    status = os.pread(guest.status, _MAX_PROC_BYTES, 0)
    message = _usage(guest, status, wait_status)
    if message is not None and _has_one_thread(status):
        # It is all there is of the run, and hangs in its last call: to kill it now would only make the kernel
        # free its memory just when the host wants to go on.
        tell(verdict_pipe, message)
        _until_host_is_done(verdict_pipe)
        _reap_the_rest()
        os._exit(0)
    # It does not push this process aside to die, which takes it longer than what is to be done here. A guest
    # that chose a policy of its own may have made that impossible, which changes nothing about its end.
    with contextlib.suppress(OSError):
        os.sched_setscheduler(guest.pid, os.SCHED_BATCH, _NO_PRIORITY)
    _kill_all_others()
    if message is None:
        _reap_the_rest()
        message = measured(wait_status, resource.getrusage(resource.RUSAGE_CHILDREN))
    tell(verdict_pipe, message)
    # What is not reaped yet, the kernel reaps before it reports the end of this process.
    os._exit(0)


def _has_one_thread(status: bytes) -> bool:
    _, _, count = status.rpartition(_THREADS)
    return count.startswith(b"1\n")


def _until_host_is_done(verdict_pipe: int) -> None:
    """Wait until the host closed its end of the pipe, but not for long."""
    poll = select.poll()
    poll.register(verdict_pipe, 0)
    poll.poll(_HOST_MS)


def _rehearse_end(guest: _Guest, verdict_pipe: int) -> None:
    """Since the fork, the first write to each page copies it; better now than when the host waits."""
    status = os.pread(guest.status, _MAX_PROC_BYTES, 0)
    _usage(guest, status)
    _has_one_thread(status)
    os.sched_setscheduler(0, os.SCHED_OTHER, _NO_PRIORITY)
    _signal_all_others(0)
    tell(verdict_pipe, b"")


def _watch(pid: int) -> _Guest:
    directory = f"/proc/{pid}"
    flags = os.O_RDONLY | os.O_CLOEXEC
    return _Guest(
        pid=pid,
        end=os.pidfd_open(pid),
        status=os.open(f"{directory}/status", flags),
        stat=os.open(f"{directory}/stat", flags),
    )


def _usage(guest: _Guest, status: bytes, wait_status: int = 0) -> bytes | None:
    """Return the verdict on a guest that waits in its last call; None if only reaping it will tell.

    That is so when it executed another program, as only that one's peak is to see, and when it dies anyway.
    """
    flags = os.pread(guest.stat, _MAX_PROC_BYTES, 0).rpartition(b")")[2].split(None, _FLAGS_FIELD + 1)
    # The last one: a guest may put a line into its name, which comes first.
    _, has_memory, peak = status.rpartition(_PEAK)
    if not has_memory or not int(flags[_FLAGS_FIELD]) & _PF_FORKNOEXEC:
        return None
    cpu_s = time.clock_gettime(~guest.pid << 3 | _CPUCLOCK_SCHED)
    return verdict.ended(Verdict(wait_status, cpu_s, int(peak.split(None, 1)[0]) * 1024))


def _wait_for(main: int) -> int:
    """Reap whatever ends until the guest did; return its wait status."""
    while True:
        pid, status = os.wait()
        if pid == main:
            return status


def _reap_the_rest() -> None:
    while _kill_all_others():
        os.wait()


def _touch_what_the_end_needs() -> None:
    """Since the fork, the first write to each page copies it; better now than when the host waits."""
    os.kill(1, 0)
    measured(0, resource.getrusage(resource.RUSAGE_CHILDREN))


def _kill_all_others(*_: object) -> bool:
    """Kill every process of this pid namespace but process 1; return whether there was one, dead or alive."""
    return _signal_all_others(signal.SIGKILL)


def _signal_all_others(number: int) -> bool:
    try:
        os.kill(-1, number)
    except ProcessLookupError:
        return False
    return True
