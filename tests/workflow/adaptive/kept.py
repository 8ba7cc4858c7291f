"""A journal in memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

from tta_dev_primitives import WorkflowContext, WorkflowPrimitive

In = TypeVar("In")
Out = TypeVar("Out")


class Kept:
    """A journal that holds what an earlier run did."""

    def __init__(self) -> None:
        self.done: dict[str, object] = {}

    async def perform(
        self,
        step: WorkflowPrimitive[Any, Any],
        data: In,
        context: WorkflowContext,
        work: Callable[[In, WorkflowContext], Awaitable[Out]],
    ) -> Out:
        del step
        if context.path not in self.done:
            self.done[context.path] = await work(data, context)
        return cast("Out", self.done[context.path])

    async def undoing(self, context: WorkflowContext, error: BaseException) -> None:
        del context, error
