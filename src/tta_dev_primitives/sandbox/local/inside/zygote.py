"""The zygote: gives runs their processes, kills them, tells how they ended. It never sees code or results."""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import socket
from typing import Final, NamedTuple, NoReturn

from . import (
    box,
    child,
    control_socket,
    directories,
    filters,
    kernel,
    landlock,
    preload,
    program,
    reaper,
    runner,
)
from .child import Confinement, Descriptors
from .events import Events, send_signal
from .filters import Filters
from .messages import (
    PRELOAD_STEP,
    WORKDIR,
    Exited,
    Failed,
    Kill,
    LaunchConfig,
    OpenBox,
    Ready,
    Refused,
    Spawn,
)
from .slot import WITH_A_SPAWN
from .slots import Slots

_NAME: Final = "playbox-zygote"
_MAX_REASON_CHARS: Final = 2000
_WARM: Final = (
    "collections.abc",
    "dataclasses",
    "datetime",
    "functools",
    "itertools",
    "math",
    "random",
    "re",
    "string",
    "typing",
)
_BOX_NAMESPACES: Final = kernel.CLONE_NEWPID | kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC


class _Child(NamedTuple):
    """A child of the zygote's own: the init of a box, or the guest of a run where there are no namespaces."""

    id: int
    pid: int
    watch: int
    scratch: str | None
    verdict: int | None
    """Where this tells the host how the run ended, if no init does."""


class Zygote:
    """Serves the host's commands until the host is gone."""

    def __init__(self, config: LaunchConfig, control: socket.socket, *, scratch: str | None) -> None:
        self._config = config
        self._control = control
        self._scratch = scratch
        self._children: dict[int, _Child] = {}
        self._filters = Filters()
        self._events = Events()
        self._slots = Slots(self._filters, self._events, self._say)

    def serve(self) -> NoReturn:
        """Answer until the control socket ends."""
        kernel.set_name(_NAME)
        self._preload()
        _warm_up()
        self._events.listen(self._control.fileno(), self._obey)
        self._say(Ready(op="ready", landlock_abi=landlock.version()))
        while True:
            self._events.serve_once()

    def _preload(self) -> None:
        try:
            preload.load(self._config["packages"])
        except preload.PreloadFailed as failure:
            self._say(Refused(op="refused", step=PRELOAD_STEP, reason=str(failure)[:_MAX_REASON_CHARS]))
            self._end()

    def _say(self, message: Ready | Refused | Exited | Failed) -> None:
        try:
            self._control.send(json.dumps(message).encode())
        except OSError:
            self._end()

    def _obey(self) -> None:
        data, descriptors = control_socket.receive(self._control, WITH_A_SPAWN)
        if not data:
            self._end()
        command: Spawn | OpenBox | Kill = json.loads(data)
        if command["op"] == "kill":
            self._kill(command["id"])
            return
        try:
            self._start(command, descriptors)
        except (OSError, TypeError) as error:
            self._say(Failed(op="failed", id=command["id"], reason=str(error)))
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def _start(self, command: Spawn | OpenBox, given: list[int]) -> None:
        if command["op"] == "open_box":
            self._watch(self._fork_box(command, *given))
        elif self._scratch is None:
            self._slots.give(command, Descriptors(*given))
        else:
            self._watch(self._fork_guest(command, Descriptors(*given), self._scratch))

    def _fork_box(self, command: OpenBox, control: int) -> _Child:
        if self._scratch is not None:
            raise OSError("a box needs namespaces")
        limits = command["limits"]
        confinement = box.BoxConfinement(limits, self._filters.of(limits))
        pid = kernel.clone_into(_BOX_NAMESPACES)
        if pid == 0:
            box.start(confinement, control)
        return _Child(command["id"], pid, os.pidfd_open(pid), None, None)

    def _fork_guest(self, command: Spawn, descriptors: Descriptors, scratch: str) -> _Child:
        limits = command["limits"]
        directory = directories.make(scratch, "run-")
        verdict_pipe = os.dup(descriptors.verdict)
        zygote = os.getpid()
        pid = os.fork()
        if pid == 0:
            confinement = Confinement(limits, self._config["read_only"], filters.for_itself(limits))
            child.start_in_landlock(confinement, descriptors, directory, zygote)
        return _Child(command["id"], pid, os.pidfd_open(pid), directory, verdict_pipe)

    def _watch(self, one: _Child) -> None:
        self._children[one.id] = one
        self._events.listen(one.watch, lambda: self._reap(one))

    def _kill(self, run_id: int) -> None:
        """End a run or a box; in a slot, that asks its guest's own process 1 first."""
        one = self._children.get(run_id)
        if one is None:
            self._slots.kill(run_id)
            return
        self._events.expect_end(one.watch)
        send_signal(one.watch, signal.SIGTERM if one.scratch is None else signal.SIGKILL)

    def _reap(self, one: _Child) -> None:
        del self._children[one.id]
        self._events.ignore(one.watch)
        os.close(one.watch)
        _, status, used = os.wait4(one.pid, 0)
        if one.verdict is not None:
            reaper.tell(one.verdict, reaper.measured(status, used))
            os.close(one.verdict)
        if one.scratch is not None:
            directories.remove(one.scratch)
        self._say(reaper.exited(one.id, status, used))

    def _end(self) -> NoReturn:
        """The host is gone. As process 1 this takes all runs along; elsewhere PDEATHSIG does."""
        os._exit(0)


def _warm_up() -> None:
    """Import what most programs import, once, and move it out of the garbage collector's sight."""
    for name in _WARM:
        importlib.import_module(name)
    program.set_environment(WORKDIR)
    runner.warm_up()
    child.forget_jail()
    gc.collect()
    gc.freeze()
