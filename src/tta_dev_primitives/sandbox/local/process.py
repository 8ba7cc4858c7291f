"""The zygote as the host sees it: start it, have it spawn and kill runs, hear how they ended, end it."""

from __future__ import annotations

import array
import asyncio
import contextlib
import itertools
import json
import os
import socket
import subprocess
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, cast

from ...core.errors import SandboxCrashed
from .inside.messages import (
    MAX_CONTROL_BYTES,
    Exited,
    Failed,
    Kill,
    LaunchConfig,
    Ready,
    Refused,
    RunLimits,
    Spawn,
    Tier,
)
from .interpreter import PYTHON_FLAGS, UNPRIVILEGED_ID, base_interpreter, jail_payload

_START_TIMEOUT_S: Final = 30.0
_END_TIMEOUT_S: Final = 5.0


class JailRefused(Exception):
    """The jail could not be built: `step` failed because of `reason`."""

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(f"{step}: {reason}")
        self.step, self.reason = step, reason


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
        self._ids = itertools.count(1)
        self._outgoing: deque[_Outgoing] = deque()
        self._exits: dict[int, asyncio.Future[Exited]] = {}
        self._greeting: asyncio.Future[Ready | Refused] | None = None
        self.alive = True

    @classmethod
    async def start(cls, tier: Tier) -> ZygoteProcess:
        """Return a zygote that is confined and waits for work.

        Raises:
            JailRefused: the machine does not allow it.
            SandboxCrashed: it died or was silent.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)  # noqa: FBT003  # that is its signature
        with theirs:
            process = _launch(tier, theirs.fileno())
        zygote = cls(process, ours)
        try:
            greeting = await zygote._hear_greeting()
        except BaseException:
            await zygote.aclose()
            raise
        if greeting["op"] == "refused":
            await zygote.aclose()
            raise JailRefused(greeting["step"], greeting["reason"])
        return zygote

    @property
    def pid(self) -> int:
        """The launcher's process id; the zygote is its only child."""
        return self._process.pid

    def attach(self) -> None:
        """Listen in the running event loop, and no longer in the one before."""
        loop = asyncio.get_running_loop()
        if loop is self._loop or not self.alive:
            return
        self._detach()
        self._loop = loop
        loop.add_reader(self._control, self._hear)

    def spawn(self, limits: RunLimits, descriptors: Sequence[int]) -> tuple[int, asyncio.Future[Exited]]:
        """Start a run with the child's four `descriptors`, which this takes over.

        The future raises SandboxCrashed if the run could not be confined, or if the zygote dies.
        """
        run_id = next(self._ids)
        exited = asyncio.get_running_loop().create_future()
        if not self.alive:
            _close_all(descriptors)
            exited.set_exception(SandboxCrashed("the sandbox is gone"))
            return run_id, exited
        self._exits[run_id] = exited
        self._post(Spawn(op="spawn", id=run_id, limits=limits), tuple(descriptors))
        return run_id, exited

    def kill(self, run_id: int) -> None:
        """Kill a run and all that it started; its exit is still reported."""
        self._post(Kill(op="kill", id=run_id))

    async def aclose(self) -> None:
        """End the jail with all its runs and wait until nothing of it is left."""
        self._lose("the sandbox was closed")
        try:
            await _until_over(self._process)
        finally:
            if self._process.poll() is None:
                self._process.kill()
            self._process.wait()

    async def _hear_greeting(self) -> Ready | Refused:
        self._greeting = asyncio.get_running_loop().create_future()
        self.attach()
        try:
            async with asyncio.timeout(_START_TIMEOUT_S):
                return await self._greeting
        except TimeoutError:
            raise SandboxCrashed(f"the sandbox did not start within {_START_TIMEOUT_S:g} s") from None

    def _post(self, message: Spawn | Kill, descriptors: tuple[int, ...] = ()) -> None:
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
            except OSError as error:
                self._lose(f"the sandbox cannot be reached: {error}")
                return
            _close_all(self._outgoing.popleft().descriptors)
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
            except OSError as error:
                self._lose(f"the sandbox cannot be reached: {error}")
                return
            if not data:
                self._lose("the sandbox's zygote died")
                return
            self._dispatch(cast("Ready | Refused | Exited | Failed", json.loads(data)))

    def _dispatch(self, message: Ready | Refused | Exited | Failed) -> None:
        if message["op"] == "ready" or message["op"] == "refused":
            if self._greeting is not None and not self._greeting.done():
                self._greeting.set_result(message)
            return
        exited = self._exits.pop(message["id"], None)
        if exited is None or exited.done():
            return
        if message["op"] == "exited":
            exited.set_result(message)
        else:
            exited.set_exception(SandboxCrashed(f"a run could not be confined: {message['reason']}"))

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
        for exited in self._exits.values():
            if not exited.done():
                exited.set_exception(SandboxCrashed(why))
        self._exits.clear()

    def _drop_outgoing(self) -> None:
        while self._outgoing:
            _close_all(self._outgoing.popleft().descriptors)

    def _detach(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(self._control)
            self._loop.remove_writer(self._control)
        self._loop = None


def _launch(tier: Tier, control: int) -> subprocess.Popen[bytes]:
    interpreter = base_interpreter()
    config = LaunchConfig(
        tier=tier,
        control_fd=control,
        host_pid=os.getpid(),
        read_only=list(interpreter.readable),
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
            pass_fds=(control,),
            start_new_session=True,
        )


def _send(control: socket.socket, message: _Outgoing) -> None:
    if not message.descriptors:
        control.send(message.data)
        return
    passed = array.array("i", message.descriptors)
    control.sendmsg([message.data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, passed)])


def _close_all(descriptors: Sequence[int]) -> None:
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
