"""Kernels of other languages: a program in the box that reads cells and keeps its state between them.

Its two streams are the guest's as well as ours. What is ours stands in lines that begin with a mark, which is
random, so that nothing is taken for one by accident. A guest that forges one lies about its own cell only.
"""

from __future__ import annotations

import asyncio
import codecs
import json
import secrets
import shlex
import signal
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from ...core.errors import ConfigurationError, SandboxError, SessionEnded
from ..local.boxes import Box, BoxProcess, Displayed, ProcessEnd, Stderr, Stdout
from ..local.inputs import check_envs
from ..types import ExecutionError, Result
from .kernel import Cell, OnEvent, Outcome

Language = Literal["bash", "javascript"]
_DRIVERS: Final = {"bash": "bash_kernel.sh", "javascript": "node_kernel.js"}
_MOST_MARK_BYTES: Final = 16 << 20


class _Failure(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    value: str
    traceback: str = ""


class _Done(BaseModel):
    """What a driver says at the end of a cell: a claim."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str | None = None
    error: _Failure | None = None
    status: int = 0

    def failure(self) -> ExecutionError | None:
        if self.error is not None:
            error = self.error
            return ExecutionError(name=error.name, value=error.value, traceback=error.traceback)
        if self.status:
            return ExecutionError(name="ExitStatus", value=str(self.status), traceback="")
        return None


@dataclass(frozen=True, slots=True)
class _Mark:
    line: bytes


class _Splitter:
    """Tells text from marks in one stream."""

    def __init__(self, mark: bytes) -> None:
        self._mark, self._buffer = mark, b""
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def feed(self, data: bytes) -> Generator[str | _Mark]:
        """Yield what is complete."""
        self._buffer += data
        while (start := self._buffer.find(self._mark)) >= 0:
            yield self._decoder.decode(self._buffer[:start])
            self._buffer = self._buffer[start:]
            line, end, rest = self._buffer.partition(b"\n")
            if not end:
                return
            self._buffer = rest
            yield _Mark(line.removeprefix(self._mark))
        start = self._buffer.rfind(b"\0")
        whole = start < 0 or not self._mark.startswith(self._buffer[start:])
        text, self._buffer = (self._buffer, b"") if whole else (self._buffer[:start], self._buffer[start:])
        yield self._decoder.decode(text)

    @property
    def too_long(self) -> bool:
        """Whether a mark was begun that cannot be meant."""
        return len(self._buffer) > _MOST_MARK_BYTES


class ProgramKernel:
    """A program that runs cells. Ending a cell before its time ends the program, and its state with it."""

    def __init__(self, language: Language, process: BoxProcess, mark: bytes, most: int) -> None:
        self._language: Language = language
        self._process = process
        self._splitters = {"stdout": _Splitter(mark), "stderr": _Splitter(mark)}
        self._most = self._left = most
        self._count, self._over = 0, False
        self._done: asyncio.Future[Outcome] | None = None
        self._marks: dict[str, bytes] = {}
        self._on_event: OnEvent | None = None
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, language: Language, box: Box, *, cwd: str, envs: Mapping[str, str]) -> Self:
        """Return a fresh kernel; errors as `Box.start`."""
        nonce = secrets.token_hex(16)
        driver = files(__name__.rpartition(".")[0]).joinpath(_DRIVERS[language]).read_text(encoding="utf-8")
        argv = {"bash": ["bash", "-c", driver, "bash", nonce], "javascript": ["node", "-e", driver, nonce]}
        own = {"MALLOC_ARENA_MAX": "1"} if language == "javascript" else {}
        # Each thread's arena takes 64 MiB of the address space, of which node needs much for its heap.
        process = await box.start(argv[language], cwd=cwd, envs={**own, **envs})
        return cls(language, process, b"\0" + nonce.encode() + b" ", box.limits.output_bytes)

    @property
    def alive(self) -> bool:
        """Whether it can run another cell."""
        return not self._over

    @property
    def count(self) -> int:
        """How many cells were begun."""
        return self._count

    async def run(self, cell: Cell, on_event: OnEvent) -> Outcome:
        """Run one cell; see `Kernel.run`."""
        if not self.alive:
            raise SessionEnded(f"this {self._language} kernel is over")
        message = _encoded(self._language, cell)
        self._count += 1
        self._left, self._on_event = self._most, on_event
        self._done = asyncio.get_running_loop().create_future()
        self._marks.clear()
        try:
            await self._process.write(message)
            return await self._done
        except asyncio.CancelledError:
            self._over = True
            await self._process.signal(signal.SIGKILL)
            raise
        finally:
            self._on_event = None

    async def aclose(self) -> None:
        """End the process."""
        await self._process.aclose()
        self._reading.cancel()
        await asyncio.wait({self._reading})

    async def _read(self) -> None:
        lost = "its sandbox went away"
        try:
            async for printed in self._process.output():
                if await self._take(printed.stream, printed.data):
                    lost = "the program was stopped at its limit: output"
                    break
            else:
                lost = _told(await self._process.wait())
        except SandboxError:
            pass  # `lost` says it
        finally:
            self._over = True
            self._settle(Outcome(lost=lost))

    async def _take(self, stream: str, data: bytes) -> bool:
        """Pass on output; return whether it was too much, and the program killed for it."""
        splitter = self._splitters[stream]
        for part in splitter.feed(data):
            if isinstance(part, _Mark):
                self._marks[stream] = part.line
                self._end()
            elif part and self._on_event is not None:
                self._left -= len(part)
                self._on_event(Stdout(part) if stream == "stdout" else Stderr(part))
        if self._left >= 0 and not splitter.too_long:
            return False
        await self._process.signal(signal.SIGKILL)
        return True

    def _end(self) -> None:
        """End the cell once both streams are read up to their marks."""
        if len(self._marks) < len(self._splitters):
            return
        try:
            done = _Done.model_validate_json(self._marks["stdout"])
        except ValidationError:
            done = _Done(error=_Failure(name="KernelError", value="the kernel's answer cannot be read"))
        if done.text is not None and self._on_event is not None:
            self._on_event(Displayed(Result(text=done.text, is_main_result=True)))
        self._settle(Outcome(error=done.failure()))

    def _settle(self, outcome: Outcome) -> None:
        if self._done is not None and not self._done.done():
            self._done.set_result(outcome)


def _encoded(language: Language, cell: Cell) -> bytes:
    check_envs(cell.envs)
    if language == "javascript":
        return json.dumps({"code": cell.code, "envs": dict(cell.envs)}).encode() + b"\n"
    before = "\n".join(f"export {name}={shlex.quote(value)}" for name, value in cell.envs.items())
    parts = (before, cell.code, " ".join(cell.envs))
    if any("\0" in part for part in parts):
        raise ConfigurationError("code for bash must not hold NUL characters")
    return b"".join(part.encode(errors="surrogatepass") + b"\0" for part in parts)


def _told(end: ProcessEnd) -> str:
    if end.exit_code is not None:
        return f"the program exited with code {end.exit_code}"
    return f"the program was killed by signal {end.signal}"
