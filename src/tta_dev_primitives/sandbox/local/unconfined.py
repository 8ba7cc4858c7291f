"""Run code without any confinement: for machines that cannot isolate, and only where the user said so.

Enforced are the wall clock and the output limit. Everything else of `Limits` is not, usage is approximate,
and the program can do whatever this user can. It works wherever Python does.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from ..types import Execution, Isolation, Limits, Logs, Stop, Usage
from .inside import directories
from .inside.messages import MAX_REPORT_BYTES
from .inside.plain import PlainConfig
from .interpreter import PYTHON_FLAGS, base_interpreter, jail_payload
from .packages import STDLIB, Packages
from .protocol import NO_CLAIM, Claim, decode_claim

_CHUNK: Final = 1 << 16
_LAST_WORDS_S: Final = 0.5
"""How long output is awaited when the program is over: what left its process group may never close it."""


class _Collected:
    """What was printed, up to a limit over both streams; `cut` is set when there was more."""

    def __init__(self, most: int) -> None:
        self.left = most
        self.cut = asyncio.Event()
        self.texts = {"stdout": b"", "stderr": b""}

    async def read(self, name: str, stream: asyncio.StreamReader | None) -> None:
        while stream is not None and (data := await stream.read(_CHUNK)):
            self.texts[name] += data[: self.left]
            if len(data) > self.left:
                self.cut.set()
            self.left -= min(len(data), self.left)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """The directory of one run: what it works in, its program, and its report."""

    box: Path
    program: Path
    report: Path

    @classmethod
    def prepared(cls, directory: Path, program: bytes) -> _Place:
        place = cls(box=directory / "box", program=directory / "program", report=directory / "report")
        place.box.mkdir()
        place.program.write_bytes(program)
        return place

    def claim(self) -> Claim:
        if not self.report.is_file():
            return NO_CLAIM
        with self.report.open("rb") as file:
            return decode_claim(file.read(MAX_REPORT_BYTES))


class _Ended(NamedTuple):
    returncode: int | None
    stop: Stop
    claim: Claim


async def run_unconfined(
    program: bytes, limits: Limits, sandbox_id: str, packages: Packages = STDLIB
) -> Execution:
    """Run `program` (as `protocol.encode_program` makes it) in a directory that is removed afterwards."""
    name = tempfile.mkdtemp(prefix="playbox-")
    try:
        place = _Place.prepared(Path(name), program)
        started, cpu_before = time.monotonic(), _cpu_of_children()
        collected = _Collected(limits.output_bytes)
        process = await _start(place, packages)
        killed_for = await _collect(process, collected, limits)
        usage = Usage(
            wall_s=time.monotonic() - started,
            cpu_s=_cpu_of_children() - cpu_before,
            peak_memory_bytes=0,
            output_bytes=limits.output_bytes - collected.left,
        )
        stop = _stop(killed_for, process.returncode, collected)
        return _execution(_Ended(process.returncode, stop, place.claim()), collected, usage, sandbox_id)
    finally:
        directories.remove(name)


async def _collect(process: asyncio.subprocess.Process, collected: _Collected, limits: Limits) -> Stop | None:
    """Read what the program prints until it ended or was killed; return the limit that it hit."""
    try:
        async with asyncio.TaskGroup() as group:
            streams = {"stdout": process.stdout, "stderr": process.stderr}
            readers = [group.create_task(collected.read(name, stream)) for name, stream in streams.items()]
            try:
                return await _until_over(process, collected, limits)
            finally:
                _kill_group(process)
                await asyncio.wait(readers, timeout=_LAST_WORDS_S)
                for reader in readers:
                    reader.cancel()
    finally:
        await process.wait()
        # There is no public way to stop listening to pipes that somebody else holds open.
        process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001


async def _until_over(
    process: asyncio.subprocess.Process, collected: _Collected, limits: Limits
) -> Stop | None:
    """Wait for the end or for a limit, and return the limit."""
    over, cut = asyncio.create_task(process.wait()), asyncio.create_task(collected.cut.wait())
    try:
        await asyncio.wait({over, cut}, timeout=limits.wall_s, return_when=asyncio.FIRST_COMPLETED)
        if cut.done():
            return Stop.OUTPUT
        return None if over.done() else Stop.WALL_TIME
    finally:
        over.cancel()
        cut.cancel()


async def _start(place: _Place, packages: Packages) -> asyncio.subprocess.Process:
    config = PlainConfig(program=str(place.program), report=str(place.report), search=packages.search)
    payload = jail_payload("inside.plain", config)
    process = await asyncio.create_subprocess_exec(
        base_interpreter().executable,
        *PYTHON_FLAGS,
        "-c",
        payload.loader,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=place.box,
        env={},
        start_new_session=True,
    )
    assert process.stdin is not None  # noqa: S101  # it was asked for
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(payload.data)
        await process.stdin.drain()
    process.stdin.close()
    return process


def _kill_group(process: asyncio.subprocess.Process) -> None:
    """Kill the program and what it started, as far as that stayed in its process group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _cpu_of_children() -> float:
    times = os.times()
    return times.children_user + times.children_system


def _stop(killed_for: Stop | None, returncode: int | None, collected: _Collected) -> Stop:
    if collected.cut.is_set():
        return Stop.OUTPUT
    if returncode is not None and returncode >= 0:
        return Stop.EXITED
    return killed_for or Stop.SIGNALLED


def _execution(ended: _Ended, collected: _Collected, usage: Usage, sandbox_id: str) -> Execution:
    code = ended.returncode
    return Execution(
        results=ended.claim.results(),
        logs=Logs(stdout=_text(collected.texts["stdout"]), stderr=_text(collected.texts["stderr"])),
        error=None if code == 0 else ended.claim.execution_error(),
        stop=ended.stop,
        exit_code=code if ended.stop is Stop.EXITED else None,
        signal=-code if code is not None and code < 0 else None,
        usage=usage,
        isolation=Isolation.NONE,
        sandbox_id=sandbox_id,
        truncated=collected.cut.is_set(),
    )


def _text(data: bytes) -> tuple[str, ...]:
    return (data.decode(errors="replace"),) if data else ()
