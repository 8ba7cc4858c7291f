"""A program that runs in a box: its input, output and end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, BinaryIO, Final, Literal, Self, cast

from ....core.errors import ConfigurationError, SandboxCrashed
from ..given import let_reopen
from ..inputs import check_envs
from ..inside.box_messages import CONFINED, HOME, CommandHeader
from ..inside.verdict import Verdict
from ..process import close_all
from .control import BoxChild, BoxControl

_CHUNK: Final = 1 << 16
_LAST_WORDS_S: Final = 1.0
"""How long output is read on after the end: what a daemon holds open would never end."""
_START_TIMEOUT_S: Final = 30.0
_MAX_COMMAND_BYTES: Final = 1 << 20


Stream = Literal["stdout", "stderr"]
_STREAMS: Final[tuple[Stream, ...]] = ("stdout", "stderr")


@dataclass(frozen=True, slots=True)
class Printed:
    """A piece of output."""

    stream: Stream
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessEnd:
    """How the kernel says that it ended: one of the two is None."""

    exit_code: int | None
    signal: int | None


class BoxProcess:
    """One program. Its `output` is to be read: once a pipe holds 64 KiB, the program waits.

    async with await box.start(["ls", "-l"]) as process:
        async for printed in process.output():
            ...
        end = await process.wait()
    """

    def __init__(self, control: BoxControl, child: BoxChild, ours: _Ours) -> None:
        self._control, self._child, self._ours = control, child, ours
        self.on_close: Callable[[BoxProcess], None] = _ignore

    @classmethod
    async def start(
        cls, control: BoxControl, argv: Sequence[str], *, cwd: str | None, envs: Mapping[str, str]
    ) -> BoxProcess:
        """Start `argv`; see `Box.start`."""
        header = _header(argv, cwd, envs)
        ours, theirs = await _pipes()
        try:
            process = cls(control, await control.start("command", theirs), ours)
            await process._send(header)
        except BaseException:
            ours.close()
            raise
        return process

    @property
    def pid(self) -> int:
        """Its process id inside the box."""
        return self._child.pid

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self._child.ended.done()

    async def output(self) -> AsyncGenerator[Printed]:
        """Give what it prints as it comes, until it ended and all was read. To be used once."""
        loop = asyncio.get_running_loop()
        until = float("inf")
        reads: dict[asyncio.Task[bytes], Stream] = {}
        for stream in _STREAMS:
            reads[self._ours.read(stream)] = stream
        try:
            while reads:
                if self.over:
                    until = min(until, loop.time() + _LAST_WORDS_S)
                waiting: list[asyncio.Future[Any]] = [*reads]
                waiting += [] if self.over else [self._child.ended]
                timeout = None if until == float("inf") else max(0.0, until - loop.time())
                done, _ = await asyncio.wait(waiting, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
                if self.over and not done:
                    return
                for task in [task for task in reads if task in done]:
                    stream = reads.pop(task)
                    if data := task.result():
                        yield Printed(stream, data)
                        reads[self._ours.read(stream)] = stream
        finally:
            for task in reads:
                task.cancel()

    async def write(self, data: bytes) -> None:
        """Write to its standard input; nothing happens if it reads no more."""
        if self._ours.stdin.is_closing():  # asyncio would log each further write
            return
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._ours.stdin.write(data)
            await self._ours.stdin.drain()

    async def close_stdin(self) -> None:
        """Let it see the end of its input."""
        self._ours.stdin.close()

    async def signal(self, number: int) -> None:
        """Send a signal to the program, not to what it started."""
        if not self.over:
            self._control.signal(self.pid, number)

    async def wait(self) -> ProcessEnd:
        """Wait for its end; `output` must be read meanwhile if it prints much.

        Raises:
            SandboxCrashed: the box was lost.
        """
        status = (await self.ended()).wait_status
        if os.WIFSIGNALED(status):
            return ProcessEnd(exit_code=None, signal=os.WTERMSIG(status))
        return ProcessEnd(exit_code=os.WEXITSTATUS(status), signal=None)

    async def ended(self) -> Verdict:
        """Wait for its end as `wait` does; return the kernel's word on it and on what it used."""
        return await asyncio.shield(self._child.ended)

    async def aclose(self) -> None:
        """Kill it if it still runs, and close its pipes."""
        await self.signal(signal.SIGKILL)
        self._ours.close()
        self.on_close(self)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def _send(self, header: bytes) -> None:
        """Tell it which program to become, once it is confined."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_START_TIMEOUT_S):
                said = await loop.sock_recv(self._ours.channel, len(CONFINED))
                if said != CONFINED:
                    raise SandboxCrashed("a program could not be confined")
                await loop.sock_sendall(self._ours.channel, header)
        except (OSError, TimeoutError) as error:
            raise SandboxCrashed(f"a program could not be started: {error!r}") from error
        finally:
            self._ours.channel.close()


def _ignore(_: BoxProcess) -> None:
    """Nobody keeps count."""


@dataclass(frozen=True, slots=True)
class _Ours:
    """The host's ends."""

    channel: socket.socket
    stdin: asyncio.StreamWriter
    stdout: asyncio.StreamReader
    stderr: asyncio.StreamReader
    transports: tuple[asyncio.BaseTransport, ...]

    def read(self, stream: Stream) -> asyncio.Task[bytes]:
        reader = self.stdout if stream == "stdout" else self.stderr
        return asyncio.create_task(reader.read(_CHUNK))

    def close(self) -> None:
        self.channel.close()
        self.stdin.close()
        for transport in self.transports:
            transport.close()


async def _pipes() -> tuple[_Ours, tuple[int, int, int, int]]:
    """Return the host's ends and those for the box: channel, stdin, stdout, stderr."""
    channel, their_channel = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    channel.setblocking(False)  # noqa: FBT003  # that is its signature
    their_stdin, stdin = _pipe("wb", ours=1)
    their_stdout, stdout = _pipe("rb", ours=0)
    their_stderr, stderr = _pipe("rb", ours=0)
    theirs = (their_channel.detach(), their_stdin, their_stdout, their_stderr)
    made: list[asyncio.BaseTransport] = []
    try:
        out = await _reader(stdout, made)
        err = await _reader(stderr, made)
        writer = await _writer(stdin, made)
    except BaseException:
        for transport in made:
            transport.close()
        for end in (channel, stdin, stdout, stderr):
            end.close()
        close_all(theirs)
        raise
    return _Ours(channel, writer, out, err, tuple(made)), theirs


def _pipe(mode: str, *, ours: int) -> tuple[int, BinaryIO]:
    """Return the box's end of a new pipe, and the host's."""
    ends = os.pipe2(os.O_CLOEXEC)
    let_reopen(ends[0])
    return ends[1 - ours], cast("BinaryIO", os.fdopen(ends[ours], mode, buffering=0))


async def _reader(file: BinaryIO, made: list[asyncio.BaseTransport]) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), file)
    made.append(transport)
    return reader


async def _writer(file: BinaryIO, made: list[asyncio.BaseTransport]) -> asyncio.StreamWriter:
    loop = asyncio.get_running_loop()
    protocol = asyncio.StreamReaderProtocol(asyncio.StreamReader())
    transport, _ = await loop.connect_write_pipe(lambda: protocol, file)
    made.append(transport)
    return asyncio.StreamWriter(transport, protocol, None, loop)


def _header(argv: Sequence[str], cwd: str | None, envs: Mapping[str, str]) -> bytes:
    if isinstance(argv, str) or not argv:
        raise ConfigurationError(f"argv={argv!r} must be a list of texts, the program first")
    for text in (*argv, cwd or ""):
        if "\0" in text:
            raise ConfigurationError(f"{text!r} must not hold NUL characters")
    check_envs(envs)
    header = json.dumps(CommandHeader(argv=list(argv), envs=dict(envs), cwd=cwd or HOME)).encode("ascii")
    if len(header) > _MAX_COMMAND_BYTES:
        raise ConfigurationError(
            f"a command of {len(header)} bytes is too long; at most {_MAX_COMMAND_BYTES}"
        )
    return len(header).to_bytes(4, "big") + header
