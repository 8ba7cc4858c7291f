"""Hear that the guest ends before the kernel takes its memory down, which takes longer than most programs.

A slot puts a filter on itself, and so on its guests, under which one marked form of `exit_group` waits until
the slot has said how the guest ended. Nothing else is changed: an unmarked exit, a signal, a crash
are told by the wait status as ever. Marked is the exit of our own runner, with all signals blocked, as any
other would make the call return. The slot also hears when another program is executed, and lets it go on:
what that uses is known only when it is reaped.

A guest may make the marked call as well: it is a call to exit, it ends the guest, and the code is its own.
Source: seccomp(2), seccomp_unotify(2).
"""

from __future__ import annotations

import contextlib
import fcntl
import signal
import struct
from typing import Final, NamedTuple

from . import bare_signals, kernel, seccomp, syscalls

MARK: Final = 0x706C6179
"""The second argument, which the kernel ignores."""
_FORM: Final = struct.Struct("=QI4xi4x8xB47x")
"""struct seccomp_notif: id, pid, then the call's number, and of its arguments the low byte of the first.

The rest of them is whatever a guest put there, and not taken along.
"""
_SPACE: Final = bytearray(_FORM.size)
_BLANK: Final = bytes(_FORM.size)
_ANSWER: Final = struct.Struct("=QqiI")
"""struct seccomp_notif_resp: id, value, error, flags."""
_RECEIVE: Final = 0xC0502100
_SEND: Final = 0xC0182101
_GO_ON: Final = 1
_SET_FLAGS: Final = 0x40082104
_WAKE_HERE: Final = 1
"""The waiting slot runs on the guest's core, which has just become free."""
_EXECUTIONS: Final = ("execve", "execveat")
_ALL_SIGNALS: Final = tuple(map(int, signal.valid_signals()))
# Bound here, as guest code may replace it.
_block, _how = bare_signals.pthread_sigmask, int(signal.SIG_BLOCK)


class Notice(NamedTuple):
    """A call that waits, and of which thread: a marked exit with this code, or, without one, an execution."""

    id: int
    pid: int
    exit_code: int | None


def build(architecture: syscalls.Architecture) -> bytes:
    """Return the filter that holds up a marked exit, and executions, until they are heard."""
    return seccomp.build_notice("exit_group", MARK, _EXECUTIONS, architecture)


def listen(program: bytes) -> int:
    """Put `program` on this process and what it forks; return where notices come, -1 if that is impossible.

    It is on kernels before 5.19, where a signal could call back who waits after it was heard, and where
    somebody else listens to this process already.
    """
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    try:
        listener = seccomp.install(program, seccomp.NEW_LISTENER | seccomp.WAIT_KILLABLE)
    except OSError:
        return -1
    with contextlib.suppress(OSError):  # new in Linux 6.6, and quicker only
        fcntl.ioctl(listener, _SET_FLAGS, _WAKE_HERE)
    return listener


def receive(listener: int) -> Notice | None:
    """Return the notice that `listener` is said to have; None if its call is over by now.

    Read in one place and wiped, as all that is read of a guest: see reaper.py.
    """
    try:
        fcntl.ioctl(listener, _RECEIVE, _SPACE)
        id_, pid, call, code = _FORM.unpack(_SPACE)
    except OSError:
        return None
    finally:
        _SPACE[:] = _BLANK
    return Notice(id_, pid, code if call == kernel.number("exit_group") else None)


def go_on(listener: int, notice: Notice) -> None:
    """Let the kernel do what was asked for."""
    with contextlib.suppress(OSError):  # it is over by now
        fcntl.ioctl(listener, _SEND, _ANSWER.pack(notice.id, 0, 0, _GO_ON))


def leave(code: int) -> None:
    """End this process with a notice. Comes back only if guest code broke what it needs."""
    _block(_how, _ALL_SIGNALS)
    kernel.syscall_locked("exit_group", code, MARK)


def rehearse_leaving() -> None:
    """Do what `leave` does and stay."""
    _block(_how, ())
    kernel.syscall_locked("getpid", 0, 0)
