"""Steps around steps: branching, recovery, limits, durable runs. One primitive a file."""

from ..core.primitive import (
    LambdaPrimitive,
    ParallelDictPrimitive,
    ParallelPrimitive,
    SequentialPrimitive,
)
from .backoff import Backoff
from .bulkhead import BulkheadPrimitive, BulkheadWaited
from .cache import CacheAsked, CachePrimitive, CacheStats
from .circuit_breaker import CircuitBreakerPrimitive, CircuitChanged, CircuitState
from .compensation import CompensationPrimitive, StepUndone
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
from .fallback import FallbackPrimitive, FellBack
from .hedge import HedgePrimitive, HedgeTry
from .rate_limit import RateLimitPrimitive, RateLimitWaited
from .retry import RetryAttempt, RetryPrimitive
from .retry_after import parse_retry_after
from .router import RouterPrimitive
from .routing import Routed
from .switch import SwitchPrimitive
from .timeout import TimedOut, TimeoutPrimitive

__all__ = [
    "Backoff",
    "BulkheadPrimitive",
    "BulkheadWaited",
    "CacheAsked",
    "CachePrimitive",
    "CacheStats",
    "CircuitBreakerPrimitive",
    "CircuitChanged",
    "CircuitState",
    "CompensationPrimitive",
    "ConditionalPrimitive",
    "FallbackPrimitive",
    "FellBack",
    "HedgePrimitive",
    "HedgeTry",
    "Journal",
    "LambdaPrimitive",
    "ParallelDictPrimitive",
    "ParallelPrimitive",
    "RateLimitPrimitive",
    "RateLimitWaited",
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
    "StepUndone",
    "SwitchPrimitive",
    "TimedOut",
    "TimeoutPrimitive",
    "WorkflowChanged",
    "parse_retry_after",
]
