"""Run code without any confinement: for machines that cannot isolate, and only where the user said so.

Enforced are the wall clock and the output limit. Everything else of `Limits` is not, usage is approximate, and
the program can do whatever this user can. It works wherever Python does.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import tempfile
import time
from pathlib import Path
from typing import Final

from ..types import Execution, Isolation, Limits, Logs, Stop, Usage
from .inside.messages import MAX_REPORT_BYTES
from .inside.plain import PlainConfig
from .interpreter import PYTHON_FLAGS, base_interpreter, jail_payload
from .protocol import decode_claim

_CHUNK: Final = 1 << 16


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


async def run_unconfined(program: bytes, limits: Limits, sandbox_id: str) -> Execution:
    """Run `program` (as `protocol.encode_program` makes it) in a directory that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="playbox-") as place:
        box, given, report = Path(place, "box"), Path(place, "program"), Path(place, "report")
        box.mkdir()
        given.write_bytes(program)
        return await _run(box, PlainConfig(program=str(given), report=str(report)), limits, sandbox_id)


async def _run(box: Path, config: PlainConfig, limits: Limits, sandbox_id: str) -> Execution:
    started, cpu_before = time.monotonic(), _cpu_of_children()
    process = await _start(box, config)
    collected = _Collected(limits.output_bytes)
    try:
        async with asyncio.TaskGroup() as readers:
            readers.create_task(collected.read("stdout", process.stdout))
            readers.create_task(collected.read("stderr", process.stderr))
            try:
                killed_for = await _until_over(process, collected, limits)
            finally:
                _kill_group(process)
    finally:
        await process.wait()
    report = Path(config["report"])
    claim = report.read_bytes()[:MAX_REPORT_BYTES] if report.is_file() else b""
    usage = Usage(
        wall_s=time.monotonic() - started,
        cpu_s=_cpu_of_children() - cpu_before,
        peak_memory_bytes=0,
        output_bytes=limits.output_bytes - collected.left,
    )
    return _execution(process.returncode, collected, claim, killed_for, usage, sandbox_id)


async def _until_over(process: asyncio.subprocess.Process, collected: _Collected, limits: Limits) -> Stop | None:  # fmt: skip
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


async def _start(box: Path, config: PlainConfig) -> asyncio.subprocess.Process:
    payload = jail_payload("inside.plain", config)
    process = await asyncio.create_subprocess_exec(
        base_interpreter().executable,
        *PYTHON_FLAGS,
        "-c",
        payload.loader,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=box,
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


def _execution(returncode: int | None, collected: _Collected, report: bytes, killed_for: Stop | None, usage: Usage, sandbox_id: str) -> Execution:  # fmt: skip
    claim = decode_claim(report)
    killed_by = -returncode if returncode is not None and returncode < 0 else None
    if collected.cut.is_set():
        stop = Stop.OUTPUT
    elif killed_by is None:
        stop = Stop.EXITED
    else:
        stop = killed_for or Stop.SIGNALLED
    return Execution(
        results=claim.results(),
        logs=Logs(**{name: _text(data) for name, data in collected.texts.items()}),
        error=None if returncode == 0 else claim.execution_error(),
        stop=stop,
        exit_code=returncode if stop is Stop.EXITED else None,
        signal=killed_by,
        usage=usage,
        isolation=Isolation.NONE,
        sandbox_id=sandbox_id,
        truncated=collected.cut.is_set(),
    )


def _text(data: bytes) -> tuple[str, ...]:
    return (data.decode(errors="replace"),) if data else ()
