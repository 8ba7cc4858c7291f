"""One run, from the host's side: give a child its program, collect what comes out, stop it when it must."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from ...core.errors import SandboxCrashed
from ..types import Execution, Isolation, Limits, Logs, Stop, Usage
from .capture import ByteBudget, PipeReader, PipeWriter
from .child import Child
from .ending import Observed, ending
from .inside.messages import MAX_REPORT_BYTES
from .inside.verdict import Verdict
from .protocol import decode_claim
from .verdict_reader import VerdictReader

_SHORT_RUN_S: Final = 0.002
"""A run that ends before this is read at once at its end; until then its output waits in its pipes."""
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


class NeverSent(SandboxCrashed):
    """The child was lost before it got any of the program, so the run may be tried again."""


class _Run:
    """The life of one run in the running event loop."""

    def __init__(self, child: Child, program: bytes, limits: Limits) -> None:
        self._child, self._limits = child, limits
        self._killed_for: Stop | None = None
        self._loop = asyncio.get_running_loop()
        self._started = self._loop.time()
        self._program = PipeWriter(child.program, program)
        self._printed = ByteBudget(limits.output_bytes, lambda: self._kill(Stop.OUTPUT))
        self._reported = ByteBudget(MAX_REPORT_BYTES, lambda: self._kill(Stop.OUTPUT))
        self._stdout = PipeReader(child.stdout, self._printed)
        self._stderr = PipeReader(child.stderr, self._printed)
        self._report = PipeReader(child.report, self._reported)
        self._outgoing = (self._stdout, self._stderr, self._report)
        self._verdict = VerdictReader(child)
        self._clock = self._loop.call_later(limits.wall_s, self._kill, Stop.WALL_TIME)
        self._patience = self._loop.call_later(_SHORT_RUN_S, self._listen)

    async def finish(self, origin: Origin, *, confirm_exit: bool) -> Execution:
        """Wait for the end and return what happened."""
        try:
            verdict = await self._until_over(confirm_exit=confirm_exit)
            wall_s = self._loop.time() - self._started
            # In this order: what is left in the pipes may exceed a limit.
            output = self._output()
            return _execution(self._limits, origin, self._observed(verdict), output, wall_s)
        finally:
            self._close()

    async def _until_over(self, *, confirm_exit: bool) -> Verdict:
        try:
            async with asyncio.timeout(self._limits.wall_s + _GRACE_S):
                verdict = await self._verdict.told
                if not self._program.began:
                    raise NeverSent("a spare was killed while it waited")
                if confirm_exit and not verdict.gone:
                    self._child.hang_up()
                    await _until_gone(self._child)
                return verdict
        except TimeoutError:
            await self._child.zygote.aclose()
            raise SandboxCrashed(f"a run was still there {_GRACE_S:g} s after its end was due") from None
        except SandboxCrashed as crash:
            if self._program.began:
                raise
            raise NeverSent(*crash.args) from crash
        except asyncio.CancelledError:
            self._child.kill()
            raise

    def _listen(self) -> None:
        for pipe in self._outgoing:
            pipe.listen()

    def _kill(self, why: Stop) -> None:
        if self._killed_for is None:
            self._killed_for = why
            self._child.kill()

    def _observed(self, verdict: Verdict) -> Observed:
        return Observed(
            wait_status=verdict.wait_status,
            cpu_s=verdict.cpu_s,
            peak_memory_bytes=verdict.peak_memory_bytes,
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
        self._patience.cancel()
        for end in (*self._outgoing, self._program, self._verdict):
            end.close()
        self._child.close()


async def run_program(
    child: Child, program: bytes, limits: Limits, origin: Origin, *, confirm_exit: bool
) -> Execution:
    """Run `program` (as `protocol.encode_program` makes it) in `child`, which serves nothing else.

    Returns when the guest has ended and all of the run was killed; with `confirm_exit` when the kernel has
    also taken down its memory, namespaces and disk.

    Raises:
        NeverSent: the child was lost before it got any of the program.
        SandboxCrashed: the child could not be confined, or the zygote died.
    """
    return await _Run(child, program, limits).finish(origin, confirm_exit=confirm_exit)


async def _until_gone(child: Child) -> None:
    gone = asyncio.Event()
    child.when_gone(gone.set)
    await gone.wait()


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
