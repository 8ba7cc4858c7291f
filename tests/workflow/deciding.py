"""Functions that decide, in every form that is taken, and steps to choose from."""

from __future__ import annotations

from tta_dev_primitives import WorkflowContext, WorkflowPrimitive
from tta_dev_primitives.core import Event
from tta_dev_primitives.workflow import Routed


def is_big(data: int) -> bool:
    return data > 3


async def is_big_later(data: int) -> bool:
    return data > 3


def is_big_here(data: int, context: WorkflowContext) -> bool:
    return data > 3 and context.state["on"] is True


async def is_big_here_later(data: int, context: WorkflowContext) -> bool:
    return is_big_here(data, context)


class IsBig(WorkflowPrimitive[int, bool]):
    async def _execute(self, data: int, context: WorkflowContext) -> bool:
        del context
        return data > 3


def kind(data: int) -> str:
    return str(data)


async def kind_later(data: int) -> str:
    return str(data)


def kind_here(data: int, context: WorkflowContext) -> str:
    context.state["asked"] = data
    return str(data)


class Kind(WorkflowPrimitive[int, str]):
    async def _execute(self, data: int, context: WorkflowContext) -> str:
        del context
        return str(data)


def up(data: int) -> int:
    return data + 1


def down(data: int) -> int:
    return data - 1


async def text_later(data: int) -> str:
    return f"<{data}>"


class Routes:
    """A sink that keeps the routes taken."""

    def __init__(self) -> None:
        self.taken: list[str | None] = []
        self.by: set[str] = set()

    def __call__(self, event: Event) -> None:
        if isinstance(event, Routed):
            self.taken.append(event.route)
            self.by.add(event.primitive)
