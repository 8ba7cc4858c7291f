"""Steps around steps: branching, recovery, limits, durable runs. One primitive a file."""

from .durable import (
    Journal,
    RunRecord,
    RunSkipped,
    StepInputChanged,
    StepRecord,
    StepSkipped,
    WorkflowChanged,
)

__all__ = [
    "Journal",
    "RunRecord",
    "RunSkipped",
    "StepInputChanged",
    "StepRecord",
    "StepSkipped",
    "WorkflowChanged",
]
