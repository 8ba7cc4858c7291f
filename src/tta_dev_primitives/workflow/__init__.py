"""Steps around steps: branching, recovery, limits, durable runs. One primitive a file."""

from .backoff import Backoff
from .hedge import HedgePrimitive, HedgeTry
from .retry import RetryAttempt, RetryPrimitive
from .retry_after import parse_retry_after
from .timeout import TimedOut, TimeoutPrimitive

__all__ = [
    "Backoff",
    "HedgePrimitive",
    "HedgeTry",
    "RetryAttempt",
    "RetryPrimitive",
    "TimedOut",
    "TimeoutPrimitive",
    "parse_retry_after",
]
