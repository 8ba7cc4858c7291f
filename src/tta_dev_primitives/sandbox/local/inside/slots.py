"""The slots of a jail, as its zygote sees them: which serve a run, which wait for one, which are lost."""

from __future__ import annotations

import contextlib
import marshal
import os
import signal
import socket
from collections.abc import Callable, Sequence
from typing import Final

from . import control_socket, events, kernel, slot
from .events import Events, Watched
from .filters import Filters
from .messages import Exited, Failed, Kill, Spawn

_NAMESPACES: Final = kernel.CLONE_NEWPID | kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC
_LAST_PID: Final = "/proc/sys/kernel/ns_last_pid"
_MOST_IDLE: Final = 4
"""Slots that wait for a run; a burst of runs leaves no more."""


class _Slot:
    """One slot: its process, the zygote's end of their socket, and the run that it serves, if any."""

    def __init__(self, process: Watched, control: socket.socket, *, several: bool) -> None:
        self.process = process
        self.control = control
        self.several = several
        self.run: int | None = None


class Slots:
    """Gives each run a slot: one that waits, else a new one. `say` takes what the host is told."""

    def __init__(self, filters: Filters, waits: Events, say: Callable[[Exited | Failed], None]) -> None:
        self._filters = filters
        self._events = waits
        self._say = say
        self._last_pid = _last_pid()
        self._all: dict[int, _Slot] = {}

    def give(self, command: Spawn, descriptors: Sequence[int]) -> None:
        """Have a slot serve this run.

        Raises:
            OSError: there is none, and none can be made.
        """
        several = command["limits"]["processes"] > 1
        message = marshal.dumps(dict(command))
        chosen = self._idle(several=several) or self._make(several=several)
        try:
            control_socket.send(chosen.control, message, descriptors)
        except ConnectionError:  # it was killed just now
            self._dismiss(chosen)
            chosen = self._make(several=several)
            control_socket.send(chosen.control, message, descriptors)
        chosen.run = command["id"]

    def kill(self, run: int) -> None:
        """End a run, if a slot serves it. What the slot reaps is counted, so it is asked first."""
        for one in self._all.values():
            if one.run == run:
                self._events.expect_end(one.process.watch)
                _tell(one, Kill(op="kill", id=run))

    def _idle(self, *, several: bool) -> _Slot | None:
        fitting = (one for one in self._all.values() if one.run is None and one.several is several)
        return next(fitting, None)

    def _make(self, *, several: bool) -> _Slot:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            pid = kernel.clone_into(_NAMESPACES)
            if pid == 0:
                slot.start(slot.Kept(theirs.fileno(), self._last_pid), self._filters, several=several)
        made = _Slot(_watched(pid), ours, several=several)
        self._all[pid] = made
        self._events.listen(made.process.watch, lambda: self._bury(made))
        self._events.listen(ours.fileno(), lambda: self._hear(made))
        return made

    def _hear(self, one: _Slot) -> None:
        data, _ = control_socket.receive(one.control, 0)
        if not data:  # it has ended, or is about to, which its process tells
            self._events.ignore(one.control.fileno())
            return
        message: Exited | Failed = marshal.loads(data)  # noqa: S302  # our own
        self._events.spare(one.process.watch)
        one.run = None
        self._say(message)
        if message["op"] == "failed" or self._last_pid is None or self._has_enough():
            self._dismiss(one)

    def _has_enough(self) -> bool:
        return sum(one.run is None for one in self._all.values()) > _MOST_IDLE

    def _dismiss(self, one: _Slot) -> None:
        """Have no more runs served by a slot."""
        del self._all[one.process.pid]
        events.send_signal(one.process.watch, signal.SIGKILL)

    def _bury(self, one: _Slot) -> None:
        """Reap a slot, and with it all of its namespace; tell of the run that it takes along."""
        while one.run is not None and self._has_said(one):
            self._hear(one)
        self._events.ignore(one.process.watch)
        self._events.ignore(one.control.fileno())
        _, status = os.waitpid(one.process.pid, 0)
        os.close(one.process.watch)
        one.control.close()
        self._all.pop(one.process.pid, None)
        if one.run is not None:
            # What the run used died with it: the kernel counted it for nobody.
            lost = Exited(op="exited", id=one.run, status=status, cpu_s=0.0, peak_memory_bytes=0)
            self._say(lost)

    def _has_said(self, one: _Slot) -> bool:
        for _ in range(2):  # the first may say that the slot had not read all, and nothing else
            with contextlib.suppress(OSError):
                return bool(one.control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        return False


def _watched(pid: int) -> Watched:
    try:
        return Watched(pid, os.pidfd_open(pid))
    except OSError:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise


def _tell(one: _Slot, message: Kill) -> None:
    """Tell a slot, if it lives and listens; if not, its time will be up."""
    with contextlib.suppress(OSError):
        one.control.send(marshal.dumps(dict(message)), socket.MSG_DONTWAIT)


def _last_pid() -> int | None:
    """Return where a pid namespace is told which process id was the last; None where that is impossible."""
    try:
        return os.open(_LAST_PID, os.O_WRONLY | os.O_CLOEXEC)
    except OSError:
        return None
