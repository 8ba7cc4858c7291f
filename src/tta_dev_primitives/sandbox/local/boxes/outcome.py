"""From a cell that is over to an Execution."""

from __future__ import annotations

from dataclasses import dataclass

from ...types import Execution, Isolation, Limits, Logs, Stop, Usage
from ..ending import Ending, Observed, ending
from .cell import Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    how: Ending
    cpu_s: float
    peak_memory_bytes: int


def execution_of(cell: Cell, limits: Limits, *, peak_memory_bytes: int, sandbox_id: str) -> Execution:
    """Return what came of `cell`; where its kernel ended with it, by the kernel's wait status."""
    end = _with_its_kernel(cell, limits) or _by_itself(cell, peak_memory_bytes)
    return Execution(
        results=tuple(cell.results),
        logs=Logs(stdout=_texts(cell.stdout), stderr=_texts(cell.stderr)),
        error=None if cell.error is None else cell.error.execution_error(),
        stop=end.how.stop,
        exit_code=end.how.exit_code,
        signal=end.how.signal,
        usage=Usage(
            wall_s=cell.wall_s,
            cpu_s=end.cpu_s,
            peak_memory_bytes=end.peak_memory_bytes,
            output_bytes=cell.printed_bytes,
        ),
        isolation=Isolation.NAMESPACES,
        sandbox_id=sandbox_id,
        truncated=cell.printed.exceeded,
    )


def _by_itself(cell: Cell, peak_memory_bytes: int) -> _End:
    stop = cell.killed_for or Stop.EXITED
    code = (0 if cell.error is None else 1) if stop is Stop.EXITED else None
    return _End(
        how=Ending(stop=stop, exit_code=code, signal=None),
        cpu_s=cell.cpu_s,
        peak_memory_bytes=peak_memory_bytes,
    )


def _with_its_kernel(cell: Cell, limits: Limits) -> _End | None:
    if cell.verdict is None:
        return None
    observed = Observed(
        wait_status=cell.verdict.wait_status,
        cpu_s=cell.verdict.cpu_s,
        peak_memory_bytes=cell.verdict.peak_memory_bytes,
        killed_for=cell.killed_for,
    )
    return _End(
        how=ending(observed, limits),
        cpu_s=cell.verdict.cpu_s,
        peak_memory_bytes=cell.verdict.peak_memory_bytes,
    )


def _texts(text: str) -> tuple[str, ...]:
    return (text,) if text else ()
