"""The zygote: forks runs, kills them, and reports how they ended. It never sees code or results."""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import tempfile
import time
from typing import Final, NamedTuple, NoReturn

from . import (
    box,
    child,
    control_socket,
    directories,
    exit_notice,
    kernel,
    landlock,
    preload,
    program,
    reaper,
    runner,
    seccomp,
    syscalls,
)
from .child import Confinement, Descriptors
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
    RunLimits,
    Spawn,
)

_WITH_A_SPAWN: Final = 5
_NAME: Final = "playbox-zygote"
_MAX_REASON_CHARS: Final = 2000
_PATIENCE_MS: Final = 500
"""How long an init may take to kill and reap its run."""
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
_RUN_NAMESPACES: Final = kernel.CLONE_NEWPID | kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC


class _Run(NamedTuple):
    id: int
    pid: int
    scratch: str | None
    verdict: int | None
    """Where this tells the host how the run ended, if the run has no init that does."""


class Zygote:
    """Serves the host's commands until the host is gone."""

    def __init__(self, config: LaunchConfig, control: socket.socket, *, scratch: str | None) -> None:
        self._config = config
        self._control = control
        self._scratch = scratch
        self._runs: dict[int, _Run] = {}
        self._dying: dict[int, float] = {}
        self._filters: dict[seccomp.Policy, bytes] = {}
        self._notice_filter = exit_notice.build(_native())
        self._poll = select.poll()

    def serve(self) -> NoReturn:
        """Answer until the control socket ends."""
        kernel.set_name(_NAME)
        self._preload()
        _warm_up()
        self._poll.register(self._control, select.POLLIN)
        self._say(Ready(op="ready", landlock_abi=landlock.version()))
        while True:
            for descriptor, _ in self._poll.poll(_PATIENCE_MS if self._dying else None):
                if descriptor == self._control.fileno():
                    self._obey()
                elif descriptor in self._runs:
                    self._reap(descriptor)
            self._kill_for_good()

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
        data, descriptors = control_socket.receive(self._control, _WITH_A_SPAWN)
        if not data:
            self._end()
        command: Spawn | OpenBox | Kill = json.loads(data)
        if command["op"] == "kill":
            self._kill(command["id"])
        else:
            self._spawn(command, descriptors)

    def _spawn(self, command: Spawn | OpenBox, given: list[int]) -> None:
        try:
            if command["op"] == "open_box":
                run = self._fork_box(command, *given)
            else:
                run = self._fork(command, Descriptors(*given))
            watch = os.pidfd_open(run.pid)
        except (OSError, TypeError) as error:
            self._say(Failed(op="failed", id=command["id"], reason=str(error)))
        else:
            self._runs[watch] = run
            self._poll.register(watch, select.POLLIN)
        finally:
            for descriptor in given:
                os.close(descriptor)

    def _fork(self, command: Spawn, descriptors: Descriptors) -> _Run:
        limits = command["limits"]
        if self._scratch is None:
            confinement = self._confinement(limits)
            pid = kernel.clone_into(_RUN_NAMESPACES)
            if pid == 0:
                child.start_in_namespaces(confinement, descriptors)
            return _Run(command["id"], pid, None, None)
        directory = tempfile.mkdtemp(prefix="run-", dir=self._scratch)
        verdict_pipe = os.dup(descriptors.verdict)
        zygote = os.getpid()
        pid = os.fork()
        if pid == 0:
            confinement = Confinement(limits, self._config["read_only"], _filter_for_itself(limits), None)
            child.start_in_landlock(confinement, descriptors, directory, zygote)
        return _Run(command["id"], pid, directory, verdict_pipe)

    def _fork_box(self, command: OpenBox, control: int) -> _Run:
        if self._scratch is not None:
            raise OSError("a box needs namespaces")
        limits = command["limits"]
        confinement = box.BoxConfinement(limits, self._filter(limits))
        pid = kernel.clone_into(_RUN_NAMESPACES)
        if pid == 0:
            box.start(confinement, control)
        return _Run(command["id"], pid, None, None)

    def _confinement(self, limits: RunLimits) -> Confinement:
        notice = self._notice_filter if limits["processes"] == 1 else None
        return Confinement(limits, [], self._filter(limits), notice)

    def _filter(self, limits: RunLimits) -> bytes:
        """Return the filter for such a run; there are few."""
        policy = seccomp.Policy(min(limits["processes"], 2), None, _counts_data(limits))
        if policy not in self._filters:
            self._filters[policy] = _build(policy)
        return self._filters[policy]

    def _kill(self, run_id: int) -> None:
        """End a run. An init is asked first: what it reaps is counted, what dies with it is not."""
        for watch, run in self._runs.items():
            if run.id == run_id:
                self._dying.setdefault(watch, time.monotonic() + _PATIENCE_MS / 1000)
                _signal(watch, signal.SIGTERM if run.scratch is None else signal.SIGKILL)

    def _kill_for_good(self) -> None:
        now = time.monotonic()
        for watch, due in self._dying.items():
            if now >= due:
                _signal(watch, signal.SIGKILL)

    def _reap(self, watch: int) -> None:
        run = self._runs.pop(watch)
        self._dying.pop(watch, None)
        self._poll.unregister(watch)
        os.close(watch)
        _, status, used = os.wait4(run.pid, 0)
        if run.verdict is not None:
            _tell(run.verdict, reaper.measured(status, used))
        if run.scratch is not None:
            directories.remove(run.scratch)
        self._say(
            Exited(
                op="exited",
                id=run.id,
                status=status,
                cpu_s=used.ru_utime + used.ru_stime,
                peak_memory_bytes=used.ru_maxrss * 1024,
            )
        )

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


def _signal(watch: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(watch, number)


def _build(policy: seccomp.Policy) -> bytes:
    return seccomp.build(policy, _native())


def _native() -> syscalls.Architecture:
    native = syscalls.native()
    if native is None:
        raise OSError(f"no system call table for {os.uname().machine}")
    return native


def _filter_for_itself(limits: RunLimits) -> bytes:
    return _build(seccomp.Policy(processes=1, only_pid=os.getpid(), private_memory=_counts_data(limits)))


def _counts_data(limits: RunLimits) -> bool:
    return limits["address_bytes"] > limits["memory_bytes"]


def _tell(pipe: int, message: bytes) -> None:
    """Tell the host how a run ended, if it still listens, and close the pipe."""
    with contextlib.suppress(OSError):
        os.write(pipe, message)
    os.close(pipe)
