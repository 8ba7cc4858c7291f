"""One run, from the host's side: give a child its program, collect what comes out, stop it when it must."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import Final

from ...core.errors import SandboxCrashed
from ..types import Execution, Isolation, Limits, Logs, Stop, Usage
from .capture import ByteBudget, PipeReader, PipeWriter
from .ending import Observed, ending
from .inside.messages import MAX_REPORT_BYTES, Exited
from .process import ZygoteProcess
from .protocol import decode_claim, kernel_limits

_GRACE_S: Final = 10.0
"""How long a kill may take before the whole jail is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Which sandbox a result is from."""

    sandbox_id: str
    isolation: Isolation


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Everything a run wrote, and whether stdout and stderr were cut."""

    stdout: bytes
    stderr: bytes
    report: bytes
    printed: int
    truncated: bool

    def logs(self) -> Logs:
        """Return stdout and stderr as text."""
        return Logs(stdout=_text(self.stdout), stderr=_text(self.stderr))


class _Pipes:
    """The four pipes of a run; the child's ends go to the zygote."""

    def __init__(self) -> None:
        opened: list[int] = []
        try:
            for _ in range(4):
                opened += os.pipe2(os.O_CLOEXEC)
        except OSError as error:
            for descriptor in opened:
                os.close(descriptor)
            raise SandboxCrashed(f"no pipes for a run: {error}; fewer runs at once may help") from error
        program, self.program, self.stdout, stdout, self.stderr, stderr, self.report, report = opened
        self.of_child = (program, stdout, stderr, report)

    def close(self) -> None:
        """Close the host's ends that are read; the program's end is its writer's."""
        for descriptor in (self.stdout, self.stderr, self.report):
            os.close(descriptor)


class _Run:
    """The life of one run in the running event loop."""

    def __init__(self, zygote: ZygoteProcess, program: bytes, limits: Limits) -> None:
        self._zygote, self._limits = zygote, limits
        self._killed_for: Stop | None = None
        self._pipes = _Pipes()
        self._loop = asyncio.get_running_loop()
        self._started = self._loop.time()
        self._id, self._exited = zygote.spawn(kernel_limits(limits), self._pipes.of_child)
        self._printed = ByteBudget(limits.output_bytes, lambda: self._kill(Stop.OUTPUT))
        self._reported = ByteBudget(MAX_REPORT_BYTES, lambda: self._kill(Stop.OUTPUT))
        self._stdout = PipeReader(self._pipes.stdout, self._printed)
        self._stderr = PipeReader(self._pipes.stderr, self._printed)
        self._report = PipeReader(self._pipes.report, self._reported)
        self._program = PipeWriter(self._pipes.program, program)
        self._clock = self._loop.call_later(limits.wall_s, self._kill, Stop.WALL_TIME)

    async def finish(self, origin: Origin) -> Execution:
        """Wait for the end and return what happened."""
        try:
            exited = await self._until_exited()
            wall_s = self._loop.time() - self._started
            # In this order: what is left in the pipes may exceed a limit.
            output = self._output()
            return _execution(self._limits, origin, self._observed(exited), output, wall_s)
        finally:
            self._close()

    async def _until_exited(self) -> Exited:
        try:
            async with asyncio.timeout(self._limits.wall_s + _GRACE_S):
                return await self._exited
        except TimeoutError:
            await self._zygote.aclose()
            raise SandboxCrashed(f"a run was still there {_GRACE_S:g} s after its end was due") from None
        except asyncio.CancelledError:
            self._zygote.kill(self._id)
            raise

    def _kill(self, why: Stop) -> None:
        if self._killed_for is None:
            self._killed_for = why
            self._zygote.kill(self._id)

    def _observed(self, exited: Exited) -> Observed:
        return Observed(
            wait_status=exited["status"],
            cpu_s=exited["cpu_s"],
            peak_memory_bytes=exited["peak_memory_bytes"],
            killed_for=self._killed_for,
        )

    def _output(self) -> Output:
        return Output(
            stdout=self._stdout.drain(),
            stderr=self._stderr.drain(),
            report=self._report.drain(),
            printed=self._limits.output_bytes - self._printed.left,
            truncated=self._printed.exceeded,
        )

    def _close(self) -> None:
        self._clock.cancel()
        for end in (self._stdout, self._stderr, self._report, self._program):
            end.close()
        self._pipes.close()


async def run_program(zygote: ZygoteProcess, program: bytes, limits: Limits, origin: Origin) -> Execution:
    """Run `program` (as `protocol.encode_program` makes it) in a fresh child.

    Raises:
        SandboxCrashed: the child could not be confined, or the zygote died.
    """
    return await _Run(zygote, program, limits).finish(origin)


def _execution(
    limits: Limits, origin: Origin, observed: Observed, output: Output, wall_s: float
) -> Execution:
    end = ending(observed, limits)
    claim = decode_claim(output.report)
    return Execution(
        results=claim.results(),
        logs=output.logs(),
        error=None if end.exit_code == 0 else claim.execution_error(),
        stop=end.stop,
        exit_code=end.exit_code,
        signal=end.signal,
        usage=Usage(
            wall_s=wall_s,
            cpu_s=observed.cpu_s,
            peak_memory_bytes=observed.peak_memory_bytes,
            output_bytes=output.printed,
        ),
        isolation=origin.isolation,
        sandbox_id=origin.sandbox_id,
        truncated=output.truncated,
    )


def _text(data: bytes) -> tuple[str, ...]:
    return (data.decode(errors="replace"),) if data else ()
