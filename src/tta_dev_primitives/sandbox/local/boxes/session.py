"""Session: a Python process that keeps its variables from one cell to the next, as a notebook does."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ....core.errors import ConfigurationError, SandboxCrashed, SessionEnded
from ...types import NO_ENVS, Execution, Limits
from ..inputs import check_code, check_envs, check_limits
from ..inside import box_messages
from ..inside.box_messages import HOME, Go, SetUp
from .cell import Cell, OnEvent
from .checkpoint import Checkpoint
from .files import BoxFiles
from .kernel import Kernel
from .outcome import execution_of

if TYPE_CHECKING:
    from .box import Box
_END_TIMEOUT_S = 10.0
"""For an init to reap a process that was killed."""


class Session:
    """A stateful Python context. One cell at a time; others wait for their turn.

        async with await sandbox.open_session() as session:
            await session.run_code("x = 6")
            execution = await session.run_code("x * 7")   # execution.text == "42"

    From the first cell on the process is the guest's own, so what a cell says of itself is a claim: results,
    logs, error, and the exit code, which is 0, or 1 with an error. The host observes time, memory and the end
    of the process. A cell over its time is interrupted and, if it does not heed that within a second, killed
    with all state. Of the limits, `cpu_s` is for all cells of a process together.
    """

    def __init__(self, box: Box, kernel: Kernel, home: str, count: int = 0) -> None:
        self._box, self._kernel, self._home = box, kernel, home
        self._cell: Cell | None = None
        self._turn = asyncio.Lock()
        self._count = count

    @classmethod
    async def start(cls, box: Box, *, cwd: str | None, envs: Mapping[str, str]) -> Session:
        """Return a fresh session in `box`; see `Box.start_kernel`."""
        check_envs(envs)
        set_up = SetUp(op="set_up", envs=dict(envs), cwd=cwd or HOME)
        return cls(box, await Kernel.start(box.control, set_up), HOME)

    @property
    def alive(self) -> bool:
        """Whether it can run another cell."""
        return not self._kernel.ended.done()

    @property
    def count(self) -> int:
        """How many cells were begun, those before it branched off included."""
        return self._count

    @property
    def home(self) -> str:
        """The directory inside that relative paths start from; a branch has its own."""
        return self._home

    @property
    def files(self) -> BoxFiles:
        """The files of its box, relative paths starting at `home`."""
        return self._box.files.at(self._home)

    async def run_code(
        self,
        code: str,
        *,
        envs: Mapping[str, str] = NO_ENVS,
        limits: Limits | None = None,
        on_event: OnEvent | None = None,
    ) -> Execution:
        """Run one cell. Of `limits`, `wall_s` and `output_bytes` count; the others are those of the box.

        `on_event` hears of output and displayed values as they come, in the event loop.

        Raises:
            SessionEnded: the process is over; the message says how.
            SandboxCrashed: the sandbox failed.
            ConfigurationError: a value cannot be used; the message names it.
        """
        limits = limits or self._box.limits
        check_limits(limits)
        check_code(code)
        check_envs(envs)
        await self._turn.acquire()
        try:
            cell = self._begin(code, envs, limits, on_event)
        except BaseException:
            self._turn.release()
            raise
        await cell.wait()
        peak = self._kernel.meter.peak_memory_bytes()
        return execution_of(cell, limits, peak_memory_bytes=peak, sandbox_id=self._box.sandbox_id)

    async def interrupt(self) -> None:
        """Raise KeyboardInterrupt in the running cell, if there is one."""
        if self._cell is not None and not self._cell.is_over:
            self._kernel.signal(signal.SIGINT)

    async def fork(self) -> Session:
        """Return another session with the same state, which from now on goes its own way.

        Its files are a copy of this one's `home`, in a directory of its own; what lies elsewhere is shared,
        and so are positions in open files. Threads and tasks that run stay behind.

        Raises:
            SessionEnded: the process is over.
            SandboxCrashed: there is no room for another process or for the files.
        """
        async with self._turn:
            self._check_alive()
            kernel = await self._kernel.fork()
            try:
                home = await self._box.copy_of(self._home)
                await kernel.greet(dict(Go(op="go", home=home)))
            except BaseException:
                kernel.close()
                raise
            return self._box.adopt(Session(self._box, kernel, home, self._count))

    async def branch(self, count: int) -> tuple[Session, ...]:
        """Return `count` sessions with the present state, as `fork` makes them."""
        async with await self.checkpoint() as checkpoint:
            return await checkpoint.branch(count)

    async def checkpoint(self) -> Checkpoint:
        """Return the present state, from which any number of sessions can branch off later."""
        return Checkpoint(await self.fork())

    async def keep(self, branch: Session) -> None:
        """Go on as `branch`, which is spent: its state and files replace those of this session.

        Raises:
            SessionEnded: the process of `branch` is over.
            ConfigurationError: it is no other session of the same box.
        """
        if branch is self or branch._box is not self._box:
            raise ConfigurationError(f"{branch!r} is no branch of this session")
        async with self._turn, branch._turn:
            branch._check_alive()
            self._kernel, branch._kernel = branch._kernel, self._kernel
            self._home, branch._home = branch._home, self._home
            self._count = branch._count
        await branch.aclose()

    async def aclose(self) -> None:
        """End the process; if this session was opened by itself, its box with all branches as well."""
        self._kernel.signal(signal.SIGKILL)
        try:
            async with asyncio.timeout(_END_TIMEOUT_S):
                await asyncio.shield(self._kernel.ended)
        except SandboxCrashed:
            pass  # with its box
        except TimeoutError:
            self._box.control.lose("the init of the box does not answer")
        self._kernel.close()
        await self._box.forget(self)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def _begin(self, code: str, envs: Mapping[str, str], limits: Limits, on_event: OnEvent | None) -> Cell:
        self._check_alive()
        self._count += 1
        cell = self._cell = Cell(self._count, self._kernel, limits, on_event, self._turn.release)
        message = box_messages.Cell(
            op="cell", number=self._count, code=code, envs=dict(envs), in_order=on_event is not None
        )
        cell.begin(dict(message))
        return cell

    def _check_alive(self) -> None:
        if not self.alive:
            raise SessionEnded(f"this session is over: {self._how_it_ended()}; open a new one")

    def _how_it_ended(self) -> str:
        ended = self._kernel.ended
        if ended.cancelled() or ended.exception() is not None:
            return "its box is closed"
        status = ended.result().wait_status
        if os.WIFSIGNALED(status):
            return f"its process was killed by signal {os.WTERMSIG(status)}"
        return f"its process exited with code {os.WEXITSTATUS(status)}"
