"""A try of a step that may not count: its changes of the state are seen by others only once it does."""

from __future__ import annotations

from ..core.context import WorkflowContext


def trial(context: WorkflowContext, label: str) -> WorkflowContext:
    """Return the context for one try of the step called `label`, with a state of its own."""
    return context.branch().at(label)


def adopt(context: WorkflowContext, tried: WorkflowContext) -> None:
    """Make the state of `context` what the try that counts made of it."""
    context.state.clear()
    context.state.update(tried.state)
