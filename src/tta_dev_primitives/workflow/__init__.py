"""Steps around steps: branching, recovery, limits, durable runs. One primitive a file."""

from .backoff import Backoff
from .bulkhead import BulkheadPrimitive, BulkheadWaited
from .cache import CacheAsked, CachePrimitive, CacheStats
from .circuit_breaker import CircuitBreakerPrimitive, CircuitChanged, CircuitState
from .compensation import CompensationPrimitive, StepUndone
from .fallback import FallbackPrimitive, FellBack
from .hedge import HedgePrimitive, HedgeTry
from .rate_limit import RateLimitPrimitive, RateLimitWaited
from .retry import RetryAttempt, RetryPrimitive
from .retry_after import parse_retry_after
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
    "FallbackPrimitive",
    "FellBack",
    "HedgePrimitive",
    "HedgeTry",
    "RateLimitPrimitive",
    "RateLimitWaited",
    "RetryAttempt",
    "RetryPrimitive",
    "StepUndone",
    "TimedOut",
    "TimeoutPrimitive",
    "parse_retry_after",
]
