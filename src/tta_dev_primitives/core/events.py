"""What happened, as immutable values. Sinks turn them into logs, metrics or spans; core knows no back end."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias, final


class Event:
    """Something happened. Each layer adds its own, as frozen keyword-only slots dataclasses."""

    __slots__ = ()


# The two events of a span are made twice for every step of every workflow, so they are plain classes: a
# frozen dataclass costs four times as much to make (benchmarks/composition.py), and the id is drawn late.
@final
class SpanStarted(Event):
    """A primitive began. `at` is `time.perf_counter()` in seconds, `parent` what it runs in."""

    __slots__ = ("_span_id", "at", "name", "parent")

    def __init__(self, name: str, parent: SpanStarted | str | None, at: float) -> None:
        self.name: Final = name
        self.parent: Final = parent
        self.at: Final = at
        self._span_id: str | None = None

    @property
    def span_id(self) -> str:
        """16 random hexadecimal digits, drawn when first asked for."""
        if self._span_id is None:
            self._span_id = os.urandom(8).hex()
        return self._span_id

    @property
    def parent_span_id(self) -> str | None:
        """The id of the span that this one runs in, or None for the outermost."""
        return self.parent.span_id if isinstance(self.parent, SpanStarted) else self.parent

    def __repr__(self) -> str:
        return (
            f"SpanStarted(name={self.name!r}, span_id={self.span_id!r}, "
            f"parent_span_id={self.parent_span_id!r}, at={self.at!r})"
        )


@final
class SpanEnded(Event):
    """A primitive returned (`error is None`) or raised (`error` is what it raised)."""

    __slots__ = ("at", "error", "started")

    def __init__(self, started: SpanStarted, at: float, error: BaseException | None) -> None:
        self.started: Final = started
        self.at: Final = at
        self.error: Final = error

    @property
    def name(self) -> str:
        """The name of the span that ended."""
        return self.started.name

    @property
    def span_id(self) -> str:
        """The id of the span that ended."""
        return self.started.span_id

    @property
    def seconds(self) -> float:
        """How long the span took."""
        return self.at - self.started.at

    def __repr__(self) -> str:
        return (
            f"SpanEnded(name={self.name!r}, span_id={self.span_id!r}, at={self.at!r}, error={self.error!r})"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkFailed(Event):
    """A sink raised; the run went on. Sent to the other sinks only."""

    sink: str
    error: Exception


Sink: TypeAlias = Callable[[Event], None]
