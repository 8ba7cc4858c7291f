"""Small steps that the tests of core compose."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tta_dev_primitives import WorkflowContext, WorkflowPrimitive
from tta_dev_primitives.core import Event


class Add(WorkflowPrimitive[int, int]):
    def __init__(self, amount: int = 1) -> None:
        self.amount = amount

    async def _execute(self, data: int, context: WorkflowContext) -> int:
        del context
        return data + self.amount

    def __repr__(self) -> str:
        return f"Add({self.amount})"


class Show(WorkflowPrimitive[int, str]):
    async def _execute(self, data: int, context: WorkflowContext) -> str:
        del context
        return f"<{data}>"


class Fail(WorkflowPrimitive[object, int]):
    """Raise what it is given, after `delay` turns of the event loop."""

    def __init__(self, error: Callable[[], BaseException], *, turns: int = 0) -> None:
        self.error = error
        self.turns = turns

    async def _execute(self, data: object, context: WorkflowContext) -> int:
        del data, context
        for _ in range(self.turns):
            await asyncio.sleep(0)
        raise self.error()


class Hang(WorkflowPrimitive[object, int]):
    """Wait for ever and remember how it ended."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.cancelled = False

    async def _execute(self, data: object, context: WorkflowContext) -> int:
        del data, context
        self.started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        raise AssertionError


class Put(WorkflowPrimitive[int, int]):
    """Write the input into the state under `key`."""

    def __init__(self, key: str) -> None:
        self.key = key

    async def _execute(self, data: int, context: WorkflowContext) -> int:
        context.state[self.key] = data
        return data + 1


class Heard:
    """A sink that keeps what it hears."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.events.append(event)
