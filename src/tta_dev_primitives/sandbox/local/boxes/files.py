"""The files of a box, through its file agent: the host itself never opens a path of a guest."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
import posixpath
import signal
import socket
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ....core.errors import BoxFileMissing, BoxFileRefused, ConfigurationError, SandboxCrashed
from ..inside.box_messages import HOME, MAX_ANSWER_BYTES, FileOperation, FileRequest
from .control import BoxChild, BoxControl

_ANSWER_TIMEOUT_S: Final = 60.0
MAX_FILE_BYTES: Final = 1 << 30
"""What a box may give at once; its disk is smaller as a rule."""


class EntryKind(StrEnum):
    """What a name stands for; links are not followed."""

    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symlink"
    OTHER = "other"


class Entry(BaseModel):
    """One name in a box. `size` is in bytes, `mode` the permission bits, `modified_s` seconds since 1970."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    path: str
    kind: EntryKind
    size: int
    mode: int
    modified_s: float
    owner: str
    group: str
    link_target: str | None


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    error: int
    reason: str
    entries: tuple[Entry, ...]
    size: int = Field(ge=0, le=MAX_FILE_BYTES)


@dataclass(frozen=True, slots=True)
class _Agent:
    """A running file agent and the connection to it."""

    child: BoxChild
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


class FileAgent:
    """Starts the agent when it is first needed, and again if it is lost; one request at a time."""

    def __init__(self, control: BoxControl) -> None:
        self._control = control
        self._agent: _Agent | None = None
        self._turn = asyncio.Lock()

    async def ask(self, request: FileRequest, content: bytes = b"") -> tuple[tuple[Entry, ...], bytes]:
        """Return what the agent answers.

        Raises:
            BoxFileMissing: there is no such path.
            BoxFileRefused: the box does not allow or cannot do it.
            SandboxCrashed: the agent does not answer.
            SessionEnded: the box is closed.
        """
        async with self._turn, self._living() as agent:
            agent.writer.write(json.dumps(request).encode("ascii") + b"\n" + content)
            await agent.writer.drain()
            answer, read = await _answer(agent.reader)
        if answer.error:
            _refuse(answer, request["path"])
        return answer.entries, read

    async def aclose(self) -> None:
        """End the agent."""
        self._drop()

    @contextlib.asynccontextmanager
    async def _living(self) -> AsyncGenerator[_Agent]:
        """Give the agent; whatever goes wrong with it, the next request gets another one."""
        try:
            async with asyncio.timeout(_ANSWER_TIMEOUT_S):
                if self._agent is None or self._agent.child.ended.done():
                    self._drop()
                    self._agent = await self._start()
                yield self._agent
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            self._drop()
            raise SandboxCrashed(f"the files of the box cannot be reached: {error!r}") from error
        except BaseException:
            self._drop()
            raise

    async def _start(self) -> _Agent:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        nothing = [os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC) for _ in range(3)]
        try:
            child = await self._control.start("files", (theirs.detach(), *nothing))
        except BaseException:
            ours.close()
            raise
        reader, writer = await asyncio.open_connection(sock=ours, limit=MAX_ANSWER_BYTES)
        agent = _Agent(child, reader, writer)
        try:
            await _answer(reader)
        except BaseException:
            self._end(agent)
            raise
        return agent

    def _drop(self) -> None:
        if self._agent is not None:
            self._end(self._agent)
            self._agent = None

    def _end(self, agent: _Agent) -> None:
        if not agent.child.ended.done():
            self._control.signal(agent.child.pid, signal.SIGKILL)
        agent.writer.close()


class BoxFiles:
    """Files by path: absolute ones, or relative to `home`. Contents are bytes.

    A path is looked up inside, by a process that is confined like all of the box.
    """

    def __init__(self, agent: FileAgent, home: str = HOME) -> None:
        self._agent, self._home = agent, home

    def at(self, home: str) -> BoxFiles:
        """Return the same files, relative paths starting at `home`."""
        return BoxFiles(self._agent, home)

    async def read(self, path: str) -> bytes:
        """Return the content of a file."""
        _, content = await self._ask("read", path)
        return content

    async def write(self, path: str, content: bytes) -> Entry:
        """Make or replace a file, and the directories it needs; return its entry."""
        if not isinstance(content, bytes):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError(f"content of {path!r} must be bytes, not {type(content).__name__}")
        return await self._entry("write", path, content=content)

    async def list(self, path: str = ".", depth: int = 1) -> tuple[Entry, ...]:
        """Return what is in a directory, and in its directories down to `depth`."""
        if depth < 1:
            raise ConfigurationError(f"depth={depth!r} must be at least 1")
        entries, _ = await self._ask("list", path, depth=depth)
        return entries

    async def stat(self, path: str) -> Entry:
        """Return the entry of a path itself; a link is not followed."""
        return await self._entry("stat", path)

    async def exists(self, path: str) -> bool:
        """Return whether there is something of this name."""
        try:
            await self.stat(path)
        except BoxFileMissing:
            return False
        return True

    async def make_directory(self, path: str) -> bool:
        """Make a directory and those above it; return False if it is there already."""
        try:
            await self._ask("make_directory", path)
        except BoxFileRefused as refused:
            if refused.errno == errno.EEXIST and (await self.stat(path)).kind is EntryKind.DIRECTORY:
                return False
            raise
        return True

    async def move(self, source: str, target: str) -> Entry:
        """Rename a file or directory; return its new entry."""
        return await self._entry("move", source, target=target)

    async def copy_tree(self, source: str, target: str) -> Entry:
        """Copy a directory with all in it to a name that is free; links stay links."""
        return await self._entry("copy_tree", source, target=target)

    async def remove(self, path: str) -> None:
        """Remove a file, or a directory with all in it."""
        await self._ask("remove", path)

    async def _entry(
        self, operation: FileOperation, path: str, *, target: str = "", content: bytes = b""
    ) -> Entry:
        entries, _ = await self._ask(operation, path, target=target, content=content)
        return entries[0]

    async def _ask(
        self,
        operation: FileOperation,
        path: str,
        *,
        target: str = "",
        depth: int = 0,
        content: bytes = b"",
    ) -> tuple[tuple[Entry, ...], bytes]:
        request = FileRequest(
            operation=operation,
            path=self._absolute(path),
            target=self._absolute(target) if target else "",
            depth=depth,
            size=len(content),
        )
        return await self._agent.ask(request, content)

    def _absolute(self, path: str) -> str:
        if not path or "\0" in path:
            raise ConfigurationError(f"path {path!r} must not be empty or hold NUL characters")
        return posixpath.normpath(posixpath.join(self._home, path))


async def _answer(reader: asyncio.StreamReader) -> tuple[_Answer, bytes]:
    line = await reader.readuntil(b"\n")
    try:
        answer = _Answer.model_validate_json(line)
    except ValidationError as error:
        raise ValueError(f"malformed answer {line[:80]!r}") from error
    return answer, await reader.readexactly(answer.size)


def _refuse(answer: _Answer, path: str) -> None:
    if answer.error == errno.ENOENT:
        raise BoxFileMissing(answer.error, f"no such file or directory in the box: {path!r}")
    raise BoxFileRefused(answer.error, f"{answer.reason}: {path!r}")
