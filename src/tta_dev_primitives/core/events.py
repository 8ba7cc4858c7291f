"""What happened, as immutable values. Sinks turn them into logs, metrics or spans; core knows no back end."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias, final

from .attributes import Attribute, contents_of, plain_attributes_of
from .known_secrets import KnownSecrets


class Run(Protocol):
    """What a span or an event without a span around it belongs to; `WorkflowContext` is one."""

    @property
    def workflow_id(self) -> str:
        """The run's id."""
        ...

    @property
    def session_id(self) -> str | None:
        """The session that the run is part of."""
        ...

    @property
    def correlation_id(self) -> str:
        """What the run and all that it causes have in common."""
        ...

    @property
    def tenant(self) -> str | None:
        """For whom it runs."""
        ...

    @property
    def trace_id(self) -> str:
        """32 hexadecimal digits."""
        ...

    @property
    def parent_span_id(self) -> str | None:
        """The span of another process that the run belongs to."""
        ...

    @property
    def trace_state(self) -> str:
        """What the tracers of other processes added, as in the `tracestate` header."""
        ...

    @property
    def sampled(self) -> bool:
        """Whether whoever began the trace records it."""
        ...

    @property
    def secrets(self) -> KnownSecrets:
        """What nobody may be told of it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What an event reports the end of: `seconds` long, over now. `remote` if another machine did it."""

    name: str
    seconds: float
    remote: bool = False


class Event:
    """Something happened. Each layer adds its own, as frozen keyword-only slots dataclasses.

    Its plain fields (text, numbers, booleans and tuples of them) become attributes of spans and log lines; a
    field that holds a prompt, a program or what a guest printed is declared `field(metadata=CONTENT)`, and is
    shown only where a sink was told to. Override `attributes` where a convention has names of its own.
    """

    __slots__ = ("_within",)

    @property
    def within(self) -> SpanStarted | Run | None:
        """The span that it was emitted in, or the run if there was none; None before it is emitted."""
        return getattr(self, "_within", None)

    def attributes(self) -> Mapping[str, Attribute]:
        """Return what it says, by attribute name; by default each plain field as `playbox.FIELD`."""
        return plain_attributes_of(self)

    def contents(self) -> Mapping[str, str]:
        """Return the prompts, programs and guest output that it holds, named in the same way."""
        return contents_of(self)

    def operation(self) -> Operation | None:
        """Return what it reports the end of, if that took time; None for what happens at an instant."""
        return None


# The two events of a span are made twice for every step of every workflow, so they are plain classes: a
# frozen dataclass costs four times as much to make (benchmarks/composition.py), and the id is drawn late.
@final
class SpanStarted(Event):
    """A primitive began. `at` is `time.perf_counter()` in seconds, `parent` the span or the run around it."""

    __slots__ = ("_sampled", "_span_id", "_trace_id", "at", "name", "parent")

    def __init__(self, name: str, parent: SpanStarted | Run, at: float) -> None:
        self.name: Final = name
        self.parent: Final = parent
        self.at: Final = at
        self._span_id: str | None = None
        self._trace_id: str | None = None
        self._sampled: bool | None = None

    @property
    def span_id(self) -> str:
        """16 random hexadecimal digits, drawn when first asked for."""
        if self._span_id is None:
            self._span_id = os.urandom(8).hex()
        return self._span_id

    @property
    def parent_span_id(self) -> str | None:
        """The id of the span that this one runs in, or None for the outermost."""
        return self.parent.span_id if isinstance(self.parent, SpanStarted) else self.parent.parent_span_id

    @property
    def trace_id(self) -> str:
        """The id of the trace that it belongs to: the run's, unless a tracer gave its own."""
        return self._trace_id or self.parent.trace_id

    @property
    def sampled(self) -> bool:
        """Whether the trace is recorded: as the run says, unless a tracer decided."""
        return self.parent.sampled if self._sampled is None else self._sampled

    @property
    def run(self) -> Run:
        """The run around it, however deep it is."""
        around = self.parent
        while isinstance(around, SpanStarted):
            around = around.parent
        return around

    def adopt(self, *, trace_id: str, span_id: str, sampled: bool) -> None:
        """Take over what a tracer decided on this span, so that what is sent to other processes says so.

        The span id stays as it is if somebody has read it already.
        """
        self._trace_id, self._sampled = trace_id, sampled
        if self._span_id is None:
            self._span_id = span_id

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

    def attributes(self) -> Mapping[str, Attribute]:
        """Return which sink failed, and how."""
        return {
            "playbox.sink": self.sink,
            "error.type": type(self.error).__name__,
            "playbox.error": str(self.error),
        }


Sink: TypeAlias = Callable[[Event], None]
