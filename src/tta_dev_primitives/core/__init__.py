"""Context, primitive, budget, events and errors: everything else builds on these."""

from .budget import Budget, Reservation, Spend
from .context import Checkpoint, WorkflowContext
from .events import Event, Sink, SpanEnded, SpanStarted
from .merging import Merge, Reducer
from .primitive import (
    LambdaPrimitive,
    ParallelDictPrimitive,
    ParallelPrimitive,
    SequentialPrimitive,
    WorkflowPrimitive,
)
from .run import run

__all__ = [
    "Budget",
    "Checkpoint",
    "Event",
    "LambdaPrimitive",
    "Merge",
    "ParallelDictPrimitive",
    "ParallelPrimitive",
    "Reducer",
    "Reservation",
    "SequentialPrimitive",
    "Sink",
    "SpanEnded",
    "SpanStarted",
    "Spend",
    "WorkflowContext",
    "WorkflowPrimitive",
    "run",
]
