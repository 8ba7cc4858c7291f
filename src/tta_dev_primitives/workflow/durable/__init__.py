"""Runs that survive a kill: what a step gave is kept, and what must not happen twice never silently does."""

from .events import RunSkipped, StepInputChanged, StepSkipped, WorkflowChanged
from .journal import Journal
from .record import RunRecord, StepRecord

__all__ = [
    "Journal",
    "RunRecord",
    "RunSkipped",
    "StepInputChanged",
    "StepRecord",
    "StepSkipped",
    "WorkflowChanged",
]
