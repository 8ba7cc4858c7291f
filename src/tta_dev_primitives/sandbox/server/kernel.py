"""What runs the cells of a context: for Python the jail's own kernel, for other languages their programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from ..local.boxes import Session, SessionEvent
from ..types import Execution, ExecutionError, Limits, Stop
from .config import LONGEST_LIFE_S

OnEvent = Callable[[SessionEvent], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One piece of code for a context, with the environment that only it sees."""

    code: str
    envs: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a cell ended: well, with an error of its own, or with the loss of its kernel (why it was lost)."""

    error: ExecutionError | None = None
    lost: str | None = None


class Kernel(Protocol):
    """A process that keeps its state from cell to cell. One cell at a time."""

    @property
    def alive(self) -> bool:
        """Whether it can run another cell."""
        ...

    @property
    def count(self) -> int:
        """How many cells were begun."""
        ...

    async def run(self, cell: Cell, on_event: OnEvent) -> Outcome:
        """Run one cell; `on_event` hears what it prints and shows. Cancelling ends the cell.

        Raises:
            SessionEnded: it is over; nothing of the cell ran.
            SandboxCrashed: the sandbox failed.
        """
        ...

    async def aclose(self) -> None:
        """End the process."""
        ...


class PythonKernel:
    """A session of the jail."""

    def __init__(self, session: Session, limits: Limits) -> None:
        self._session = session
        # Who waits for a cell decides how long it may take, and the sandbox's life ends it at last.
        self._limits = replace(limits, wall_s=float(LONGEST_LIFE_S))

    @property
    def alive(self) -> bool:
        """Whether it can run another cell."""
        return self._session.alive

    @property
    def count(self) -> int:
        """How many cells were begun."""
        return self._session.count

    async def run(self, cell: Cell, on_event: OnEvent) -> Outcome:
        """Run one cell; see `Kernel.run`."""
        execution = await self._session.run_code(
            cell.code, envs=cell.envs, limits=self._limits, on_event=on_event
        )
        if execution.error is not None or execution.success:
            return Outcome(error=execution.error)
        return Outcome(lost=_why(execution))

    async def aclose(self) -> None:
        """End the process."""
        await self._session.aclose()


def _why(execution: Execution) -> str:
    match execution.stop:
        case Stop.EXITED:
            return f"the program exited with code {execution.exit_code}"
        case Stop.SIGNALLED:
            return f"the program was killed by signal {execution.signal}"
        case limit:
            return f"the program was stopped at its limit: {limit.value}"
