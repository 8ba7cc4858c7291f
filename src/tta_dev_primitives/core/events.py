"""What happened, as immutable values. Sinks turn them into logs, metrics or spans; core knows no back end."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something happened. Each layer adds its own subclasses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanStarted(Event):
    """A primitive began. `at` is `time.perf_counter()` in seconds."""

    name: str
    span_id: str
    parent_span_id: str | None
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanEnded(Event):
    """A primitive returned (`error is None`) or raised (`error` is what it raised)."""

    name: str
    span_id: str
    at: float
    error: BaseException | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkFailed(Event):
    """A sink raised; the run went on. Sent to the other sinks only."""

    sink: str
    error: Exception


Sink: TypeAlias = Callable[[Event], None]
