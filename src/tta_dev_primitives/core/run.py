"""run(): call a primitive from code that is not async."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from .context import WorkflowContext
from .errors import ConfigurationError
from .primitive import WorkflowPrimitive

In = TypeVar("In")
Out = TypeVar("Out")


def run(primitive: WorkflowPrimitive[In, Out], data: In, context: WorkflowContext | None = None) -> Out:
    """Execute `primitive` on `data` in an event loop of its own and return the output.

    Raises:
        ConfigurationError: an event loop is running already; use `await primitive.execute(...)` there.
    """
    if _is_loop_running():
        raise ConfigurationError(
            "run() was called inside a running event loop; "
            "write `await primitive.execute(data, context)` there"
        )
    return asyncio.run(primitive.execute(data, context or WorkflowContext()))


def _is_loop_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
