"""StepJournal: what a durable run keeps, so that a later run need not do it again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from .context import WorkflowContext
    from .primitive import WorkflowPrimitive

In = TypeVar("In")
Out = TypeVar("Out")


class StepJournal(Protocol):
    """Stands between a step without steps inside and its work, when the context carries it.

    `context.path` tells where in the workflow the step stands.
    """

    async def perform(
        self,
        step: WorkflowPrimitive[Any, Any],
        data: In,
        context: WorkflowContext,
        work: Callable[[In, WorkflowContext], Awaitable[Out]],
    ) -> Out:
        """Return what an earlier run kept of this step, or do `work(data, context)` and keep its result."""
        ...
