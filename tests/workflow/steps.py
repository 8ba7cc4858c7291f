"""Steps that the tests of recovery put others around."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar, cast

from tta_dev_primitives import WorkflowContext, WorkflowPrimitive
from tta_dev_primitives.core import Event

E = TypeVar("E", bound=Event)
In = TypeVar("In")
Out = TypeVar("Out")


class Heard:
    """A sink that keeps what it hears."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]


class Paths:
    """A journal that keeps nothing but where steps stand."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def perform(
        self,
        step: WorkflowPrimitive[Any, Any],
        data: In,
        context: WorkflowContext,
        work: Callable[[In, WorkflowContext], Awaitable[Out]],
    ) -> Out:
        del step
        self.seen.append(context.path)
        return await work(data, context)

    async def undoing(self, context: WorkflowContext, error: BaseException) -> None:
        del context, error


class Slow(WorkflowPrimitive[object, str]):
    """Take as many seconds per call as listed, then return the number of the call; tell how each ended."""

    def __init__(self, seconds: Iterable[float], *, idempotent: bool | None = True) -> None:
        self._seconds = list(seconds)
        self._idempotent = idempotent
        self.started = 0
        self.begun = asyncio.Semaphore(0)  # one to take per call
        self.ended: list[str] = []

    @property
    def idempotent(self) -> bool | None:
        return self._idempotent

    async def _execute(self, data: object, context: WorkflowContext) -> str:
        del data
        number, self.started = self.started, self.started + 1
        self.begun.release()
        context.state["seen"] = (*_seen(context), number)
        try:
            await asyncio.sleep(self._seconds[number])
        except asyncio.CancelledError:
            self.ended.append(f"{number} cancelled")
            raise
        self.ended.append(f"{number} done")
        return f"answer {number}"


class Writing(WorkflowPrimitive[object, str]):
    """Write into the state under "seen", then fail as often as said."""

    def __init__(self, *, failures: int, error: Callable[[], Exception] = lambda: OSError("down")) -> None:
        self._failures, self._error, self._number = failures, error, 0

    async def _execute(self, data: object, context: WorkflowContext) -> str:
        del data
        context.state["seen"] = (*_seen(context), self._number)
        self._number += 1
        if self._number <= self._failures:
            raise self._error()
        return "written"


def _seen(context: WorkflowContext) -> tuple[object, ...]:
    seen = context.state.get("seen", ())
    return cast("tuple[object, ...]", seen)


class Failing(WorkflowPrimitive[object, str]):
    """Hang, and answer a cancellation with an error, as a client does whose connection cannot be closed."""

    def __init__(self) -> None:
        self.calls = 0
        self.begun = asyncio.Event()

    async def _execute(self, data: object, context: WorkflowContext) -> str:
        del context
        self.calls += 1
        self.begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError as cancelled:
            raise ConnectionError(data) from cancelled
        return "never"


class NoSleep:
    """Takes the place of asyncio.sleep and keeps what was slept."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now
