"""run(): call a primitive from code that is not async."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from .context import WorkflowContext
from .errors import ConfigurationError
from .journaling import RunJournal
from .primitive import WorkflowPrimitive

In = TypeVar("In")
Out = TypeVar("Out")


def run(
    primitive: WorkflowPrimitive[In, Out],
    data: In,
    context: WorkflowContext | None = None,
    *,
    journal: RunJournal | None = None,
    resume: str | None = None,
) -> Out:
    """Execute `primitive` on `data` in an event loop of its own and return the output.

    With a `journal` the run is durable: `resume` is its id, and the steps that an earlier run of that id has
    done are not done again. An id that the journal does not know begins a run.

    Raises:
        ConfigurationError: an event loop is running already; use `await primitive.execute(...)` there, or
            `await journal.run(...)`. Or one of `journal` and `resume` was given without the other.
    """
    if (journal is None) != (resume is None):
        raise ConfigurationError(
            f"run() was given journal={journal!r} and resume={resume!r}; a durable run takes both, as in "
            'run(workflow, data, journal=Journal("runs.db"), resume="order-17")'
        )
    if _is_loop_running():
        raise ConfigurationError(
            "run() was called inside a running event loop; write "
            + (
                "`await primitive.execute(data, context)` there"
                if journal is None
                else "`await journal.run(primitive, data, context, resume=...)` there"
            )
        )
    if journal is None or resume is None:
        return asyncio.run(primitive.execute(data, context or WorkflowContext()))
    return asyncio.run(journal.run(primitive, data, context, resume=resume))


def _is_loop_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
