"""The init of a box as the host sees it: have it start processes, signal them, hear how they ended."""

from __future__ import annotations

import array
import asyncio
import itertools
import json
import socket
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from ....core.errors import SandboxCrashed, SessionEnded
from ..inside.box_messages import ProcessKind, Signal, Start, Watch
from ..inside.messages import MAX_CONTROL_BYTES, Exited, RunLimits
from ..inside.verdict import Verdict
from ..process import ZygoteProcess, close_all

_OPEN_TIMEOUT_S: Final = 30.0
_EVERYTHING: Final = -1
_Value = TypeVar("_Value")


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Opened(_Message):
    op: Literal["opened"]


class _Started(_Message):
    op: Literal["started"]
    id: int
    pid: int


class _NotStarted(_Message):
    op: Literal["not_started"]
    id: int
    reason: str


class _Signalled(_Message):
    op: Literal["signalled"]
    id: int


class _Ended(_Message):
    op: Literal["ended"]
    pid: int
    status: int
    cpu_s: float
    peak_memory_bytes: int


_MESSAGES: Final[TypeAdapter[_Opened | _Started | _NotStarted | _Signalled | _Ended]] = TypeAdapter(
    _Opened | _Started | _NotStarted | _Signalled | _Ended
)


class BoxChild:
    """A process of the box. `ended` is the kernel's word on its end, or SandboxCrashed if nobody can say."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.ended: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        # Whoever does not ask need not hear of it.
        self.ended.add_done_callback(lambda ended: ended.cancelled() or ended.exception())


class BoxControl:
    """The connection to one init. Belongs to the event loop that it was opened in."""

    def __init__(self, control: socket.socket) -> None:
        self._socket = control
        self._kill: Callable[[], None] = _nothing_to_kill
        self._loop = asyncio.get_running_loop()
        self._opened: asyncio.Future[None] = self._loop.create_future()
        self._starting: dict[int, asyncio.Future[BoxChild]] = {}
        self._signalling: dict[int, asyncio.Future[None]] = {}
        self._children: dict[int, BoxChild] = {}
        self._ids = itertools.count(1)
        self._outgoing: deque[tuple[bytes, tuple[int, ...]]] = deque()
        self.alive = True
        self.gone = asyncio.Event()
        """Nothing is left of the box, or its zygote was lost as well."""
        self._loop.add_reader(control, self._hear)

    @classmethod
    async def open(cls, zygote: ZygoteProcess, limits: RunLimits) -> BoxControl:
        """Return the control of a new box.

        Raises:
            SandboxCrashed: it could not be built, or the zygote died.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)  # noqa: FBT003  # that is its signature
        control = cls(ours)
        box = zygote.open_box(limits, theirs.detach(), control._hear_nothing_left)
        control._kill = partial(zygote.kill, box)
        try:
            async with asyncio.timeout(_OPEN_TIMEOUT_S):
                await control._opened
        except TimeoutError:
            control.lose("the box did not open")
            raise SandboxCrashed(f"a box did not open within {_OPEN_TIMEOUT_S:g} s") from None
        except BaseException:
            control.lose("the box did not open")
            raise
        return control

    async def start(self, kind: ProcessKind, descriptors: Sequence[int]) -> BoxChild:
        """Return a new process that owns `descriptors`: channel, stdin, stdout, stderr.

        Raises:
            SessionEnded: the box is closed.
            SandboxCrashed: it could not be forked.
        """
        child = next(self._ids)
        return await self._asked(child, Start(op="start", kind=kind, id=child), tuple(descriptors))

    async def watch(self, pid: int) -> BoxChild:
        """Return a process that a kernel of this box forked as a child of its init."""
        child = next(self._ids)
        return await self._asked(child, Watch(op="watch", id=child, pid=pid), ())

    def signal(self, pid: int, number: int) -> None:
        """Send a signal to one process; does not wait."""
        if self.alive:
            self._post(Signal(op="signal", id=0, pid=pid, number=number), ())

    async def signal_everything(self, number: int) -> None:
        """Send a signal to all processes, and return when that is done.

        Raises:
            SessionEnded: the box is closed.
            SandboxCrashed: it is lost.
        """
        if not self.alive:
            raise SessionEnded("this box is closed; open a new one")
        asked = next(self._ids)
        done = self._signalling[asked] = self._loop.create_future()
        self._post(Signal(op="signal", id=asked, pid=_EVERYTHING, number=number), ())
        await done

    def lose(self, why: str) -> None:
        """Give up the connection: init sees its end, exits, and takes the box along.

        The zygote kills an init that does not.
        """
        if not self.alive:
            return
        self.alive = False
        if not self._loop.is_closed():
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
        self._socket.close()
        self._kill()
        while self._outgoing:
            close_all(self._outgoing.popleft()[1])
        waiting: list[asyncio.Future[None] | asyncio.Future[BoxChild] | asyncio.Future[Verdict]]
        waiting = [self._opened, *self._starting.values(), *self._signalling.values()]
        waiting += [child.ended for child in self._children.values()]
        for future in waiting:
            if not future.done() and not self._loop.is_closed():
                future.set_exception(SandboxCrashed(why))
                future.exception()

    def _hear_nothing_left(self, _: Exited | SandboxCrashed) -> None:
        self.lose("the box is gone")
        self.gone.set()

    async def _asked(self, child: int, message: Start | Watch, descriptors: tuple[int, ...]) -> BoxChild:
        if not self.alive:
            close_all(descriptors)
            raise SessionEnded("this box is closed; open a new one")
        started: asyncio.Future[BoxChild] = self._loop.create_future()
        self._starting[child] = started
        self._post(message, descriptors)
        return await started

    def _post(self, message: Start | Watch | Signal, descriptors: tuple[int, ...]) -> None:
        self._outgoing.append((json.dumps(message).encode(), descriptors))
        self._flush()

    def _flush(self) -> None:
        while self._outgoing:
            data, descriptors = self._outgoing[0]
            passed = array.array("i", descriptors)
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, passed)] if descriptors else []
            try:
                self._socket.sendmsg([data], rights)
            except BlockingIOError:
                self._loop.add_writer(self._socket, self._flush)
                return
            except OSError as error:
                self.lose(f"the box cannot be reached: {error}")
                return
            close_all(self._outgoing.popleft()[1])
        self._loop.remove_writer(self._socket)

    def _hear(self) -> None:
        while self.alive:
            try:
                data = self._socket.recv(MAX_CONTROL_BYTES)
            except BlockingIOError:
                return
            except OSError as error:
                self.lose(f"the box cannot be reached: {error}")
                return
            if not data:
                self.lose("the box is gone")
                return
            try:
                self._dispatch(_MESSAGES.validate_json(data))
            except (ValidationError, LookupError) as error:
                self.lose(f"the box's init sent nonsense: {error!r}")

    def _dispatch(self, message: _Opened | _Started | _NotStarted | _Signalled | _Ended) -> None:
        match message:
            case _Opened():
                _settle(self._opened, None)
            case _Started():
                # A kernel may name a process that is known as the one it forked.
                child = self._children.setdefault(message.pid, BoxChild(message.pid))
                _settle(self._starting.pop(message.id), child)
            case _NotStarted(id=0):
                self.lose(f"a box could not be built: {message.reason}")
            case _NotStarted():
                failed = self._starting.pop(message.id)
                if not failed.done():
                    failed.set_exception(SandboxCrashed(f"no process in the box: {message.reason}"))
            case _Signalled():
                _settle(self._signalling.pop(message.id), None)
            case _Ended():
                verdict = Verdict(message.status, message.cpu_s, message.peak_memory_bytes)
                _settle(self._children.pop(message.pid).ended, verdict)


def _nothing_to_kill() -> None:
    """There is no box yet."""


def _settle(future: asyncio.Future[_Value], value: _Value) -> None:
    if not future.done():
        future.set_result(value)
