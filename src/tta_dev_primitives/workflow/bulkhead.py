"""BulkheadPrimitive: so many calls at a time, so many waiting, and no more."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final, final

from ..core.context import WorkflowContext
from ..core.errors import BulkheadFull
from ..core.events import Event
from ..core.primitive import In, Operand, Out, WorkflowPrimitive, as_step
from .amounts import count
from .per_loop import PerLoop
from .until_deadline import until_deadline

_STEP: Final = "step"


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkheadWaited(Event):
    """A call of `step` waited `waited_s` for a place; `still_waiting` others wait on."""

    step: str
    waited_s: float
    still_waiting: int


@final
class BulkheadPrimitive(WorkflowPrimitive[In, Out]):
    """Run `primitive` at most `max_concurrent` times at once; up to `max_waiting` more calls wait in line.

    A call beyond is refused with BulkheadFull at once: a queue without an end only hides an overload. A call
    waits at most until its deadline. The places belong to the instance and the event loop it is used in.
    """

    def __init__(self, primitive: Operand[In, Out], *, max_concurrent: int, max_waiting: int) -> None:
        self._primitive: WorkflowPrimitive[In, Out] = as_step(primitive, "BulkheadPrimitive")
        self._max_concurrent = count("max_concurrent", max_concurrent)
        self._max_waiting = count("max_waiting", max_waiting, least=0)
        self._places = PerLoop(lambda: _Places(self._max_concurrent))

    @property
    def children(self) -> Mapping[str, WorkflowPrimitive[Any, Any]]:
        """The step that is limited."""
        return {_STEP: self._primitive}

    async def _execute(self, data: In, context: WorkflowContext) -> Out:
        places = self._places.here()
        await self._enter(places, context)
        try:
            return await self._primitive.execute(data, context.at(_STEP))
        finally:
            places.free.release()

    async def _enter(self, places: _Places, context: WorkflowContext) -> None:
        if not places.free.locked():
            await places.free.acquire()  # at once: nothing is awaited in it
            return
        if places.waiting >= self._max_waiting:
            raise BulkheadFull(
                f"{self._primitive!r} runs {self._max_concurrent} times and {places.waiting} more wait: "
                "that is all that is allowed; call less, or raise max_concurrent or max_waiting"
            )
        places.waiting += 1
        since = perf_counter()
        try:
            async with until_deadline(context, f"a place in the bulkhead of {self._primitive.name}"):
                await places.free.acquire()
        finally:
            places.waiting -= 1
        if context.sinks:
            waited = perf_counter() - since
            context.emit(
                BulkheadWaited(step=self._primitive.name, waited_s=waited, still_waiting=places.waiting)
            )

    def __repr__(self) -> str:
        limits = f"max_concurrent={self._max_concurrent}, max_waiting={self._max_waiting}"
        return f"{self.name}({self._primitive!r}, {limits})"


class _Places:
    def __init__(self, number: int) -> None:
        self.free = asyncio.Semaphore(number)
        self.waiting = 0
