"""RateLimitPrimitive: so many calls per time; the others wait for their turn."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic, perf_counter
from typing import Any, Final, final

from aiolimiter import AsyncLimiter

from ..core.context import WorkflowContext
from ..core.errors import DeadlineExceeded
from ..core.events import Event
from ..core.primitive import In, Operand, Out, WorkflowPrimitive, as_step
from .amounts import count, seconds
from .until_deadline import until_deadline

_STEP: Final = "step"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimitWaited(Event):
    """A call of `step` waited `waited_s` for its turn."""

    step: str
    waited_s: float


@final
class RateLimitPrimitive(WorkflowPrimitive[In, Out]):
    """Run `primitive` at most `most` times per `per_seconds` on average; others wait in line.

    A leaky bucket: `burst` calls can start at once, then one every `per_seconds / most`. So a window of
    `per_seconds` can see `burst + most` calls; burst=1 spaces all of them evenly. A call whose turn would
    come after its deadline is refused at once with DeadlineExceeded, and takes no turn.

    The bucket belongs to the instance, and goes along from one event loop to the next.

    Args:
        primitive: The step.
        most: Calls per `per_seconds`.
        per_seconds: Seconds.
        burst: Calls that can start at once; by default `most`.
    """

    def __init__(
        self, primitive: Operand[In, Out], *, most: int, per_seconds: float, burst: int | None = None
    ) -> None:
        self._primitive: WorkflowPrimitive[In, Out] = as_step(primitive, "RateLimitPrimitive")
        self._most = count("most", most)
        self._per_s = seconds("per_seconds", per_seconds)
        self._burst = self._most if burst is None else count("burst", burst)
        self._bucket = _Bucket(size=self._burst, per_second=self._most / self._per_s)

    @property
    def children(self) -> Mapping[str, WorkflowPrimitive[Any, Any]]:
        """The step that is limited."""
        return {_STEP: self._primitive}

    async def _execute(self, data: In, context: WorkflowContext) -> Out:
        await self._turn(context)
        return await self._primitive.execute(data, context.at(_STEP))

    async def _turn(self, context: WorkflowContext) -> None:
        since, wait, left = perf_counter(), self._bucket.wait_s(), context.seconds_left()
        if left is not None and wait >= left:
            raise DeadlineExceeded(
                f"the rate limit of {self._primitive.name} asks for a wait of {wait:.3g} s, "
                f"and the deadline is in {left:.3g} s"
            )
        async with until_deadline(context, f"the rate limit of {self._primitive.name}"):
            await self._bucket.acquire()
        if wait and context.sinks:
            context.emit(RateLimitWaited(step=self._primitive.name, waited_s=perf_counter() - since))

    def __repr__(self) -> str:
        return f"{self.name}({self._primitive!r}, most={self._most}, per_seconds={self._per_s:g})"


class _Bucket:
    """An AsyncLimiter of the running event loop.

    It must not be used in a second loop, and does not say what is in it; so that is counted here as well.
    """

    def __init__(self, *, size: int, per_second: float) -> None:
        self._size, self._per_second = size, per_second
        self._level, self._at = 0.0, 0.0
        self._waiting = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._limiter: AsyncLimiter

    def wait_s(self) -> float:
        """Return the seconds until a call that comes now has its turn, behind those that wait."""
        waiting = self._waiting if self._loop is asyncio.get_running_loop() else 0
        return max(0.0, self._leaked() + waiting + 1 - self._size) / self._per_second

    async def acquire(self) -> None:
        if self._loop is not asyncio.get_running_loop():
            await self._move()
        self._waiting += 1
        try:
            await self._limiter.acquire()
        finally:
            self._waiting -= 1
        self._level, self._at = self._leaked() + 1, monotonic()

    async def _move(self) -> None:
        self._loop, self._waiting = asyncio.get_running_loop(), 0
        self._limiter = AsyncLimiter(self._size, self._size / self._per_second)
        await self._limiter.acquire(min(self._size, self._leaked()))  # at once: the new one is empty

    def _leaked(self) -> float:
        return max(0.0, self._level - (monotonic() - self._at) * self._per_second)
