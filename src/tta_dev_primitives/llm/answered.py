"""Tell the context's listeners that a role got its reply."""

from __future__ import annotations

import time

from ..core.context import WorkflowContext
from .types import ModelAnswered, Reply, Request, T


def answered(request: Request[T], reply: Reply[T], context: WorkflowContext, *, since: float) -> Reply[T]:
    """Emit `ModelAnswered` and return the reply. `since` is the `time.perf_counter()` of the question."""
    context.emit(
        ModelAnswered(
            role=request.role,
            task_id=request.task_id,
            attempt=request.attempt,
            usage=reply.usage,
            source=reply.source,
            seconds=time.perf_counter() - since,
        )
    )
    return reply
