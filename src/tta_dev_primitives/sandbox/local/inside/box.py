"""The init of a box: process 1 of a place with its own disk, in which the host starts processes as it likes.

It forks, signals and reaps. What runs in the box is a child of it, and confined before it hears of any guest
code, which goes from the host to the child directly.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import resource
import select
import socket
from collections.abc import Callable
from typing import Final, NamedTuple, NoReturn

from . import (
    box_files,
    children,
    command,
    control_socket,
    kernel,
    landlock,
    mounts,
    preload,
    privileges,
    rlimits,
    seccomp,
    session,
)
from .box_messages import (
    HOME,
    Ended,
    NotStarted,
    Opened,
    ProcessKind,
    Signal,
    Signalled,
    Start,
    Started,
    Watch,
)
from .messages import WORKDIR, RunLimits

NAME: Final = "playbox-box"
_CONTROL: Final = 3
_CHANNEL: Final = 3
_WITH_A_START: Final = 4
_FIRST_FREE: Final = 4
_FAILED: Final = 125
_REAPED_AT_ONCE: Final = 256
_WRITABLE_DEVICES: Final = ("/dev/null", "/dev/zero", "/dev/full")


class BoxConfinement(NamedTuple):
    """What every process of the box gets."""

    limits: RunLimits
    seccomp_filter: bytes


class _Ends(NamedTuple):
    """A new process's ends of its pipes and of its channel to the host."""

    channel: int
    stdin: int
    stdout: int
    stderr: int


def start(confinement: BoxConfinement, control: int) -> NoReturn:
    """Become the init of a box. To be called in new pid, mount and ipc namespaces."""
    try:
        _keep_only(control)
        _Init(confinement, socket.socket(fileno=_CONTROL)).serve()
    except BaseException:  # noqa: BLE001  # never back into the zygote's frames below
        os._exit(_FAILED)


def _keep_only(control: int) -> None:
    if control != _CONTROL:
        os.dup2(control, _CONTROL, inheritable=False)
    os.closerange(_FIRST_FREE, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


class _Init:
    def __init__(self, confinement: BoxConfinement, control: socket.socket) -> None:
        self._confinement = confinement
        self._control = control
        self._watched: set[int] = set()

    def serve(self) -> NoReturn:
        """Answer until the control socket ends; the kernel then kills all that is left in the box."""
        try:
            self._settle()
        except OSError as error:
            self._say(NotStarted(op="not_started", id=0, reason=str(error)))
            os._exit(_FAILED)
        wakeup = children.wake()
        self._say(Opened(op="opened"))
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        poll.register(wakeup, select.POLLIN)
        more = False
        while True:
            ready = dict(poll.poll(0 if more else None))
            if wakeup in ready:
                os.read(wakeup, children.MOST)
            if more or wakeup in ready:
                more = self._reap()
            if self._control.fileno() in ready:
                self._obey()

    def _settle(self) -> None:
        """Build the place, and give up what only that needed. All processes share one user namespace."""
        kernel.set_name(NAME)
        os.setsid()
        mounts.private_view(self._confinement.limits)
        os.chdir(HOME)
        privileges.enter_user_namespace()
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
        privileges.drop_capabilities()

    def _say(self, message: Opened | Started | NotStarted | Signalled | Ended) -> None:
        try:
            self._control.send(json.dumps(message).encode())
        except OSError:
            os._exit(0)

    def _obey(self) -> None:
        data, descriptors = control_socket.receive(self._control, _WITH_A_START)
        if not data:
            os._exit(0)
        request: Start | Watch | Signal = json.loads(data)
        if request["op"] == "start":
            self._start(request, descriptors)
        elif request["op"] == "watch":
            self._watch(request)
        else:
            self._signal(request)

    def _signal(self, request: Signal) -> None:
        if request["pid"] in self._watched or request["pid"] == -1:
            with contextlib.suppress(OSError):
                os.kill(request["pid"], request["number"])
        if request["id"]:
            self._say(Signalled(op="signalled", id=request["id"]))

    def _start(self, request: Start, descriptors: list[int]) -> None:
        try:
            pid = os.fork()
        except OSError as error:
            self._say(NotStarted(op="not_started", id=request["id"], reason=str(error)))
        else:
            if pid == 0:
                _become(request["kind"], self._confinement, _Ends(*descriptors))
            self._watched.add(pid)
            self._say(Started(op="started", id=request["id"], pid=pid))
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def _watch(self, request: Watch) -> None:
        """Tell of the end of a child that a kernel claims to have forked, if it is one."""
        try:
            os.waitid(os.P_PID, request["pid"], os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except OSError as error:
            self._say(NotStarted(op="not_started", id=request["id"], reason=str(error)))
        else:
            self._watched.add(request["pid"])
            self._say(Started(op="started", id=request["id"], pid=request["pid"]))

    def _reap(self) -> bool:
        """Reap what ended, orphans included; tell of what the host knows; return whether there may be more.

        Not all at once: guests may end as fast as they are reaped, and the host is to be heard as well.
        """
        for _ in range(_REAPED_AT_ONCE):
            try:
                pid, status, used = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return False
            if pid in self._watched:
                self._watched.remove(pid)
                cpu_s, peak = used.ru_utime + used.ru_stime, used.ru_maxrss * 1024
                self._say(Ended(op="ended", pid=pid, status=status, cpu_s=cpu_s, peak_memory_bytes=peak))
        return True


def _become(kind: ProcessKind, confinement: BoxConfinement, ends: _Ends) -> NoReturn:
    """In the new process: confine it, then let it hear from the host."""
    try:
        children.let_sleep()
        _arrange(ends)
        os.setsid()
        rlimits.apply(confinement.limits, count_tasks=True)
        # What runs beside it in the box must not look into the file agent.
        kernel.prctl(kernel.PR_SET_DUMPABLE, kind != "files")
        privileges.drop_capabilities()
        writable = [WORKDIR, HOME, mounts.TEMPORARY, *_WRITABLE_DEVICES]
        landlock.restrict(readable=["/"], writable=writable)
        seccomp.install(confinement.seccomp_filter)
        preload.reseed()
        _SERVICES[kind](_CHANNEL)
    finally:
        os._exit(_FAILED)


_SERVICES: Final[dict[ProcessKind, Callable[[int], NoReturn]]] = {
    "kernel": session.serve,
    "files": box_files.serve,
    "command": command.execute,
}


def _arrange(ends: _Ends) -> None:
    """Put the descriptors where they belong and close all others."""
    high = [fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 2 * _FIRST_FREE + 8) for descriptor in ends]
    channel, stdin, stdout, stderr = high
    for source, target in ((stdin, 0), (stdout, 1), (stderr, 2)):
        os.dup2(source, target)
    os.dup2(channel, _CHANNEL, inheritable=False)
    os.closerange(_FIRST_FREE, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
