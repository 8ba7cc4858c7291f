"""One run: lay out the program in a fresh context, run it under our own deadline, say what happened."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ...core.errors import SandboxCrashed
from ..types import Execution, ExecutionError, Isolation, Limits, Stop, Usage
from .cells import UNKNOWN, Epilogue, Measured, line_of, plain, prologue
from .output import Claimed, Output, OutputExceeded

if TYPE_CHECKING:  # the SDK is an extra
    from e2b_code_interpreter.models import Context  # pyright: ignore[reportMissingTypeStubs]

    from .service import Machine

_CELL_S: Final = 30.0
"""How long a fresh context may take to lay out a program."""
_REPORT_S: Final = 5.0
"""How long it may take to report afterwards; a program can make it hang."""
_REPORT_BYTES: Final = 1 << 16
_MAX_CLAIM: Final = 10_000
_EXIT: Final = "SystemExit"
_KERNEL_DIED: Final = "ContextRestarting"
_OUTAGES: Final = ("ExecutionAborted", "UnexpectedEndOfExecution", "WebSocketError")
"""What E2B's server names itself. Source: its template/server/messaging.py."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run."""

    code: str
    files: Mapping[str, bytes]
    envs: Mapping[str, str]
    limits: Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What the host saw of a run."""

    stop: Stop
    output: Output
    wall_s: float
    measured: Measured = UNKNOWN
    cleared: bool = False


async def run_program(machine: Machine, program: Program) -> Execution:
    """Run `program` on a machine that nothing else runs on; it stays `spent` unless all was cleared up."""
    machine.spent = True
    context = await machine.open_context()
    await _prepare(machine, context, program)
    seen = await _observe(machine, context, program)
    if seen.stop is Stop.EXITED:
        seen = await _conclude(machine, context, seen)
    if seen.cleared:
        with contextlib.suppress(SandboxCrashed):
            await machine.close_context(context)
            machine.spent = False
    return _execution(seen, machine.id)


async def _prepare(machine: Machine, context: Context, program: Program) -> None:
    directory = f"playbox-{uuid.uuid4().hex}"
    if program.files:
        await machine.write({f"{directory}/{path}": content for path, content in program.files.items()})
    output = Output(_REPORT_BYTES)
    try:
        async with asyncio.timeout(_CELL_S):
            await machine.run_cell(prologue(directory, program.envs), context, output)
    except TimeoutError:
        raise SandboxCrashed(f"a code context of E2B did not start within {_CELL_S:g} s") from None
    if output.error is not None:
        error = output.error
        raise SandboxCrashed(f"E2B cannot lay out a program: {error.name}: {error.value[:500]}")


async def _observe(machine: Machine, context: Context, program: Program) -> _Seen:
    """Run the program's cell. Only our own clock says that it was slow, and only of a machine still there."""
    output, started, stop = Output(program.limits.output_bytes), time.monotonic(), Stop.EXITED
    # A lone surrogate has no UTF-8; as an escape it means the same in a literal, and is an error elsewhere.
    code = program.code.encode(errors="backslashreplace").decode()
    try:
        async with asyncio.timeout(program.limits.wall_s):
            await machine.run_cell(code, context, output)
    except TimeoutError:
        stop = Stop.WALL_TIME
    except OutputExceeded:
        stop = Stop.OUTPUT
    wall_s = time.monotonic() - started
    if stop is Stop.WALL_TIME:
        await machine.require_running()
    if output.error is not None and output.error.by_server and stop is Stop.EXITED:
        stop = _ended_by_server(output.error)
    return _Seen(stop=stop, output=output, wall_s=wall_s)


def _ended_by_server(error: Claimed) -> Stop:
    if error.name in _OUTAGES:
        raise SandboxCrashed(f"E2B lost the run: {error.name}: {error.value[:500]}")
    return Stop.SIGNALLED if error.name == _KERNEL_DIED else Stop.EXITED


async def _conclude(machine: Machine, context: Context, seen: _Seen) -> _Seen:
    """Ask what was used, and for what was printed so late that it did not come with its cell."""
    epilogue, tail, cleared = Epilogue.fresh(), Output(_REPORT_BYTES + seen.output.left), True
    try:
        async with asyncio.timeout(_REPORT_S):
            await machine.run_cell(epilogue.code, context, tail)
    except TimeoutError:
        # The program may have seen to that; an outage is told apart as it is for the program.
        await machine.require_running()
        cleared = False
    except OutputExceeded:
        cleared = False
    printed, stop = "".join(tail.logs().stdout), seen.stop
    try:
        seen.output.stdout(epilogue.late(printed))
    except OutputExceeded:
        stop = Stop.OUTPUT
    return replace(seen, stop=stop, measured=epilogue.measured(printed), cleared=cleared)


def _execution(seen: _Seen, sandbox_id: str) -> Execution:
    output = seen.output
    code = _exit_code(output.error) if seen.stop is Stop.EXITED else None
    return Execution(
        results=output.results(),
        logs=output.logs(),
        error=None if output.error is None or output.error.name == _EXIT else _claim(output.error),
        stop=seen.stop,
        exit_code=code,
        usage=Usage(
            wall_s=seen.wall_s,
            cpu_s=seen.measured.cpu_s,
            peak_memory_bytes=seen.measured.peak_memory_bytes,
            output_bytes=output.used,
        ),
        isolation=Isolation.REMOTE,
        sandbox_id=sandbox_id,
        truncated=output.truncated,
    )


def _exit_code(error: Claimed | None) -> int:
    """A kernel has none: 0 without an error, 1 with one, for SystemExit what an interpreter makes of it."""
    if error is None:
        return 0
    if error.name != _EXIT:
        return 1
    if error.value in ("", "None"):
        return 0
    try:
        return int(error.value) & 0xFF
    except ValueError:
        return 1


def _claim(error: Claimed) -> ExecutionError:
    traceback = plain(error.traceback)
    return ExecutionError(
        name=error.name[:_MAX_CLAIM],
        value=error.value[:_MAX_CLAIM],
        traceback=traceback[-_MAX_CLAIM:],
        line=line_of(traceback),
    )
