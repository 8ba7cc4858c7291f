"""Steps around steps: branching, recovery, limits, durable runs. One primitive a file."""

from ..core.primitive import (
    LambdaPrimitive,
    ParallelDictPrimitive,
    ParallelPrimitive,
    SequentialPrimitive,
)
from .backoff import Backoff
from .conditional import ConditionalPrimitive
from .durable import (
    Journal,
    RunRecord,
    RunSkipped,
    StepInputChanged,
    StepRecord,
    StepSkipped,
    WorkflowChanged,
)
from .hedge import HedgePrimitive, HedgeTry
from .retry import RetryAttempt, RetryPrimitive
from .retry_after import parse_retry_after
from .router import RouterPrimitive
from .routing import Routed
from .switch import SwitchPrimitive
from .timeout import TimedOut, TimeoutPrimitive

__all__ = [
    "Backoff",
    "ConditionalPrimitive",
    "HedgePrimitive",
    "HedgeTry",
    "Journal",
    "LambdaPrimitive",
    "ParallelDictPrimitive",
    "ParallelPrimitive",
    "RetryAttempt",
    "RetryPrimitive",
    "Routed",
    "RouterPrimitive",
    "RunRecord",
    "RunSkipped",
    "SequentialPrimitive",
    "StepInputChanged",
    "StepRecord",
    "StepSkipped",
    "SwitchPrimitive",
    "TimedOut",
    "TimeoutPrimitive",
    "WorkflowChanged",
    "parse_retry_after",
]
