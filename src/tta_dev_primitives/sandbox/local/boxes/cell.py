"""One cell of a session while it runs: what it says is collected, and it is stopped when it must be."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from ....core.errors import SandboxCrashed
from ...types import Limits, Result, Stop
from ..capture import ByteBudget
from ..inside.box_messages import MAX_CELL_BYTES, MAX_SHOWN, Heard
from ..inside.verdict import Verdict
from ..protocol import ErrorClaim
from .claims import Done, KernelClaim, Shown
from .kernel import Kernel

PATIENCE_S: Final = 1.0
"""How long a cell that was interrupted may take to end by itself; then its kernel is killed."""
_GRACE_S: Final = 10.0
_SOON_S: Final = 0.002
"""What a short cell prints is read at its end; only of a longer one the pipes are watched."""


@dataclass(frozen=True, slots=True)
class Stdout:
    """Some text that the cell printed."""

    text: str


@dataclass(frozen=True, slots=True)
class Stderr:
    """Some text that the cell printed as an error."""

    text: str


@dataclass(frozen=True, slots=True)
class Displayed:
    """A value that the cell displayed."""

    result: Result


SessionEvent = Stdout | Stderr | Displayed
OnEvent = Callable[[SessionEvent], None]


class Cell:
    """The state of one running cell, in the event loop of its session.

    It is over when the kernel says so (a claim), or ended (a verdict). `on_over` is called in that moment,
    when all that it printed is kept, also if nobody waits for it any more.
    """

    def __init__(
        self,
        number: int,
        kernel: Kernel,
        limits: Limits,
        on_event: OnEvent | None,
        on_over: Callable[[], None],
    ) -> None:
        self.number = number
        self.results: list[Result] = []
        self.error: ErrorClaim | None = None
        self.verdict: Verdict | None = None
        self.killed_for: Stop | None = None
        self.stdout = self.stderr = ""
        self.wall_s = self.cpu_s = 0.0
        self._kernel, self._limits, self._on_event, self._on_over = kernel, limits, on_event, on_over
        self._said_bytes = 0
        self._loop = asyncio.get_running_loop()
        self._is_over = False
        self._over: asyncio.Future[None] = self._loop.create_future()
        self.printed = ByteBudget(limits.output_bytes, lambda: self.stop(Stop.OUTPUT))
        self._started, self._cpu_before = self._loop.time(), kernel.meter.cpu_s()
        self._clock = self._loop.call_later(limits.wall_s, self.stop, Stop.WALL_TIME)

    def begin(self, message: Mapping[str, object]) -> None:
        """Have the kernel run it."""
        self._kernel.on_claim = self._hear
        self._kernel.ended.add_done_callback(self._hear_end)
        self._kernel.stdout.open(self.printed, self._passer(Stdout))
        self._kernel.stderr.open(self.printed, self._passer(Stderr))
        self._listen = self._loop.call_later(_SOON_S if self._on_event is None else 0.0, self._kernel.listen)
        self._kernel.send(message)

    async def wait(self) -> None:
        """Wait until it is over; who stops waiting stops the cell.

        Raises:
            SandboxCrashed: the box was lost.
        """
        try:
            await self._over
        except asyncio.CancelledError:
            self.stop(None)
            raise

    @property
    def is_over(self) -> bool:
        """Whether it is over."""
        return self._is_over

    @property
    def printed_bytes(self) -> int:
        """How much of its output was kept."""
        return self._limits.output_bytes - self.printed.left

    def _passer(self, kind: type[Stdout | Stderr]) -> Callable[[str], None]:
        on_event = self._on_event
        return _ignore if on_event is None else lambda text: on_event(kind(text))

    def _hear(self, claim: KernelClaim, size: int) -> None:
        match claim:
            case Shown():
                self._shown(claim, size)
            case Done() if claim.number == self.number and not self._is_over:
                self.error = claim.error
                self._end()
            case _:
                pass

    def _hear_end(self, ended: asyncio.Future[Verdict]) -> None:
        if self._is_over or ended.cancelled():
            return
        crash = ended.exception()
        if crash is None:
            self.verdict = ended.result()
            self._end()
        else:
            self._fail(crash)

    def _shown(self, claim: Shown, size: int) -> None:
        """Keep a displayed value, if the cell has not displayed too much."""
        self._said_bytes += size
        if claim.number != self.number or self._is_over:
            return
        if self._said_bytes > MAX_CELL_BYTES or len(self.results) >= MAX_SHOWN:
            self.stop(Stop.OUTPUT)
            return
        if self._on_event is not None:
            # What was printed before comes before, and what is printed later is not there yet.
            self._kernel.stdout.catch_up()
            self._kernel.stderr.catch_up()
            self._kernel.send(dict(Heard(op="heard")))
        self.results.append(claim.result())
        if self._on_event is not None:
            self._on_event(Displayed(self.results[-1]))

    def stop(self, why: Stop | None) -> None:
        """Interrupt the cell; if it does not heed that, kill its kernel, and with it its state."""
        if self._is_over or self.killed_for is not None:
            return
        self.killed_for = why
        self._clock.cancel()
        self._clock = self._loop.call_later(PATIENCE_S, self._kill)
        self._kernel.signal(signal.SIGINT)

    def _kill(self) -> None:
        self._kernel.signal(signal.SIGKILL)
        self._clock = self._loop.call_later(_GRACE_S, self._give_up)

    def _give_up(self) -> None:
        if not self._is_over:
            self._fail(SandboxCrashed(f"a kernel was still there {_GRACE_S:g} s after its kill"))

    def _fail(self, crash: BaseException) -> None:
        self._settle()
        if not self._over.done():
            self._over.set_exception(crash)

    def _end(self) -> None:
        self._settle()
        if not self._over.done():
            self._over.set_result(None)

    def _settle(self) -> None:
        """At the end, in this moment: the next cell may begin before anybody looks at this one."""
        self._is_over = True
        self._clock.cancel()
        self._listen.cancel()
        self.wall_s = self._loop.time() - self._started
        self.cpu_s = max(0.0, self._kernel.meter.cpu_s() - self._cpu_before)
        self.stdout, self.stderr = self._kernel.stdout.shut(), self._kernel.stderr.shut()
        self._kernel.on_claim = _ignore
        self._on_over()


def _ignore(*_: object) -> None:
    """Nobody listens."""
