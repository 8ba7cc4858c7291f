"""The zygote as the host sees it: start it, have it fork and kill children, hear their end, end it."""

from __future__ import annotations

import array
import asyncio
import contextlib
import json
import os
import socket
import subprocess
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, cast

from ...core.errors import ConfigurationError, SandboxCrashed
from .cgroups import Cgroup
from .inside.messages import (
    CGROUP_STEP,
    MAX_CONTROL_BYTES,
    PRELOAD_STEP,
    Exited,
    Failed,
    Kill,
    LaunchConfig,
    OpenBox,
    Ready,
    Refused,
    RunLimits,
    Spawn,
    Tier,
)
from .interpreter import PYTHON_FLAGS, UNPRIVILEGED_ID, base_interpreter, jail_payload
from .packages import STDLIB, Packages

_START_TIMEOUT_S: Final = 30.0
_END_TIMEOUT_S: Final = 5.0
_DIED: Final = "the sandbox's zygote died"


class JailRefused(Exception):
    """The jail could not be built: `step` failed because of `reason`."""

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(f"{step}: {reason}")
        self.step, self.reason = step, reason


OnGone = Callable[["Exited | SandboxCrashed"], None]
"""Told once per child, when nothing of it is left, or when nobody can say any more."""


class _Outgoing(NamedTuple):
    """A message and the descriptors that it owns."""

    data: bytes
    descriptors: tuple[int, ...]


class ZygoteProcess:
    """One running jail. Belongs to one event loop at a time; `attach` moves it to the running one."""

    def __init__(self, process: subprocess.Popen[bytes], control: socket.socket) -> None:
        self._process = process
        self._control = control
        self._loop: asyncio.AbstractEventLoop | None = None
        self._outgoing: deque[_Outgoing] = deque()
        self._children: dict[int, OnGone] = {}
        self._greeting: asyncio.Future[Ready | Refused] | None = None
        self.alive = True
        self.spawned = 0

    @classmethod
    async def start(
        cls, tier: Tier, packages: Packages = STDLIB, cgroup: Cgroup | None = None
    ) -> ZygoteProcess:
        """Return a zygote that is confined, has `packages` and waits for work; in `cgroup`, if given.

        Raises:
            ConfigurationError: a package cannot be imported.
            JailRefused: the machine does not allow it.
            SandboxCrashed: it died or was silent.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)  # noqa: FBT003  # that is its signature
        with theirs:
            process = _launch(tier, packages, theirs.fileno(), cgroup)
        zygote = cls(process, ours)
        try:
            greeting = await zygote._hear_greeting()
        except BaseException:
            await zygote.aclose()
            raise
        if greeting["op"] == "refused":
            await zygote.aclose()
            if greeting["step"] == PRELOAD_STEP:
                raise ConfigurationError(f"a module cannot be preloaded: {greeting['reason']}")
            raise JailRefused(greeting["step"], greeting["reason"])
        return zygote

    @property
    def pid(self) -> int:
        """The launcher's process id; the zygote is its only child."""
        return self._process.pid

    @property
    def idle(self) -> bool:
        """Whether nothing is left of all its children."""
        return not self._children

    def attach(self) -> None:
        """Listen in the running event loop, and no longer in the one before; hear what came meanwhile."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop and self.alive:
            self._detach()
            self._loop = loop
            loop.add_reader(self._control, self._hear)
            self._flush()
        self._hear()

    def spawn(self, limits: RunLimits, descriptors: Sequence[int], on_gone: OnGone) -> int:
        """Have a child forked that owns the five `descriptors`; return its name in `kill`."""
        return self._fork(Spawn(op="spawn", id=0, limits=limits), tuple(descriptors), on_gone)

    def open_box(self, limits: RunLimits, control: int, on_gone: OnGone) -> int:
        """Have a box made whose init owns the socket `control`; return its name in `kill`."""
        return self._fork(OpenBox(op="open_box", id=0, limits=limits), (control,), on_gone)

    def kill(self, child: int) -> None:
        """Kill a child and all that it started; its end is still reported."""
        if child in self._children:
            self._post(Kill(op="kill", id=child))

    def give_up(self, why: str) -> None:
        """Trust this jail no more: it ends with all its runs, which raise SandboxCrashed."""
        self._lose(why)

    async def aclose(self) -> None:
        """End the jail with all its runs and wait until nothing of it is left."""
        self._lose("the sandbox was closed")
        try:
            await _until_over(self._process)
        finally:
            if self._process.poll() is None:
                self._process.kill()
            self._process.wait()

    def _fork(self, message: Spawn | OpenBox, descriptors: tuple[int, ...], on_gone: OnGone) -> int:
        self.spawned += 1
        child = self.spawned
        if not self.alive:
            close_all(descriptors)
            on_gone(SandboxCrashed("the sandbox is gone"))
            return child
        self._children[child] = on_gone
        message["id"] = child
        self._post(message, descriptors)
        return child

    async def _hear_greeting(self) -> Ready | Refused:
        self._greeting = asyncio.get_running_loop().create_future()
        self.attach()
        try:
            async with asyncio.timeout(_START_TIMEOUT_S):
                return await self._greeting
        except TimeoutError:
            raise SandboxCrashed(f"the sandbox did not start within {_START_TIMEOUT_S:g} s") from None

    def _post(self, message: Spawn | OpenBox | Kill, descriptors: tuple[int, ...] = ()) -> None:
        self._outgoing.append(_Outgoing(json.dumps(message).encode(), descriptors))
        self._flush()

    def _flush(self) -> None:
        """Send what the socket takes now, and the rest when it takes more."""
        while self._outgoing and self.alive:
            try:
                _send(self._control, self._outgoing[0])
            except BlockingIOError:
                self._on_writable(self._flush)
                return
            except (BrokenPipeError, ConnectionResetError):
                self._lose(_DIED)
                return
            except OSError as error:
                self._lose(f"the sandbox cannot be reached: {error}")
                return
            close_all(self._outgoing.popleft().descriptors)
        self._on_writable(None)
        if not self.alive:
            self._drop_outgoing()

    def _on_writable(self, callback: Callable[[], None] | None) -> None:
        if self._loop is None or self._loop.is_closed() or not self.alive:
            return
        if callback is None:
            self._loop.remove_writer(self._control)
        else:
            self._loop.add_writer(self._control, callback)

    def _hear(self) -> None:
        while self.alive:
            try:
                data = self._control.recv(MAX_CONTROL_BYTES)
            except BlockingIOError:
                return
            except ConnectionResetError:
                # It ended before it had read all that it was told.
                data = b""
            except OSError as error:
                self._lose(f"the sandbox cannot be reached: {error}")
                return
            if not data:
                self._lose(_DIED)
                return
            self._dispatch(data)

    def _dispatch(self, data: bytes) -> None:
        try:
            message = cast("Ready | Refused | Exited | Failed", json.loads(data))
            if message["op"] == "ready" or message["op"] == "refused":
                self._greet(message)
                return
            end = _end(message)
            on_gone = self._children.pop(message["id"])
        except (ValueError, LookupError, TypeError) as error:
            self._lose(f"the sandbox's zygote sent nonsense: {error!r}")
        else:
            on_gone(end)

    def _greet(self, message: Ready | Refused) -> None:
        if self._greeting is None or self._greeting.done():
            raise ValueError("a second greeting")
        self._greeting.set_result(message)

    def _lose(self, why: str) -> None:
        """Give up the connection: nobody waits for ever, and the other side sees the end and exits."""
        if not self.alive:
            return
        self._detach()
        self.alive = False
        self._control.close()
        self._drop_outgoing()
        if self._greeting is not None and not self._greeting.done():
            self._greeting.set_exception(SandboxCrashed(why))
        children, self._children = self._children, {}
        for on_gone in children.values():
            on_gone(SandboxCrashed(why))

    def _drop_outgoing(self) -> None:
        while self._outgoing:
            close_all(self._outgoing.popleft().descriptors)

    def _detach(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(self._control)
            self._loop.remove_writer(self._control)
        self._loop = None


def _launch(tier: Tier, packages: Packages, control: int, cgroup: Cgroup | None) -> subprocess.Popen[bytes]:
    entrance = -1 if cgroup is None else _entrance(cgroup)
    try:
        return _start(tier, packages, control, entrance)
    finally:
        if entrance >= 0:
            os.close(entrance)


def _entrance(cgroup: Cgroup) -> int:
    try:
        return cgroup.entrance()
    except OSError as error:
        raise JailRefused(CGROUP_STEP, str(error)) from error


def _start(tier: Tier, packages: Packages, control: int, entrance: int) -> subprocess.Popen[bytes]:
    interpreter = base_interpreter()
    config = LaunchConfig(
        tier=tier,
        control_fd=control,
        cgroup_fd=entrance,
        host_pid=os.getpid(),
        read_only=list(interpreter.readable),
        packages=packages.config(),
        unprivileged_id=UNPRIVILEGED_ID,
    )
    payload = jail_payload("inside.launch", config)
    with os.fdopen(os.memfd_create("playbox"), "w+b") as standard_input:
        standard_input.write(payload.data)
        standard_input.seek(0)
        # The arguments are our own; the environment is empty on purpose.
        return subprocess.Popen(  # noqa: S603
            [interpreter.executable, *PYTHON_FLAGS, "-c", payload.loader],
            stdin=standard_input,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            pass_fds=(control,) if entrance < 0 else (control, entrance),
            start_new_session=True,
        )


def _end(message: Exited | Failed) -> Exited | SandboxCrashed:
    """Return what a child's owner is told; raise if the message is not well-formed."""
    if message["op"] == "failed":
        return SandboxCrashed(f"a run could not be started: {message['reason']}")
    if message["op"] != "exited":
        raise ValueError(message)
    status, cpu_s = int(message["status"]), float(message["cpu_s"])
    peak = int(message["peak_memory_bytes"])
    return Exited(op="exited", id=message["id"], status=status, cpu_s=cpu_s, peak_memory_bytes=peak)


def _send(control: socket.socket, message: _Outgoing) -> None:
    if not message.descriptors:
        control.send(message.data)
        return
    passed = array.array("i", message.descriptors)
    control.sendmsg([message.data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, passed)])


def close_all(descriptors: Sequence[int]) -> None:
    """Close descriptors that were to be given away."""
    for descriptor in descriptors:
        os.close(descriptor)


async def _until_over(process: subprocess.Popen[bytes]) -> None:
    """Wait until the process has ended, but not for ever."""
    if process.poll() is not None:
        return
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    watch = os.pidfd_open(process.pid)
    loop.add_reader(watch, over.set)
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_END_TIMEOUT_S):
                await over.wait()
    finally:
        loop.remove_reader(watch)
        os.close(watch)
