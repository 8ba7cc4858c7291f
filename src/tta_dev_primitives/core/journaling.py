"""What makes a run durable: a journal keeps what each step gave, so that no later run need do it again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from .context import WorkflowContext
    from .primitive import WorkflowPrimitive

In = TypeVar("In")
Out = TypeVar("Out")


def below(path: str, label: str) -> str:
    """Return the path of the step called `label` inside that at `path`; as in JSON pointers, RFC 6901."""
    return f"{path}/{label.replace('~', '~0').replace('/', '~1')}"


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

    async def undoing(self, context: WorkflowContext, error: BaseException) -> None:
        """Note that because of `error` the effects of the run are undone from now on.

        Whoever undoes calls it before the first undo. Such a run cannot be resumed: what was kept is void.
        """
        ...


class RunJournal(Protocol):
    """Keeps durable runs, each under an id."""

    async def run(
        self,
        primitive: WorkflowPrimitive[In, Out],
        data: In,
        context: WorkflowContext | None = None,
        *,
        resume: str,
    ) -> Out:
        """Execute `primitive` on `data` as the run `resume`, without the steps that are done already."""
        ...
