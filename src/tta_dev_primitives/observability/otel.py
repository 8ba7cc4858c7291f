"""OpenTelemetrySink: spans through OpenTelemetry's API alone; an SDK sends them somewhere, if there is one.

Names follow the semantic conventions for generative AI of `opentelemetry-semantic-conventions` 0.66
(tests/observability/test_conventions.py).
"""

from __future__ import annotations

import asyncio
import time
from contextvars import Token
from dataclasses import dataclass, field
from typing import Final

from opentelemetry import context as current
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
    TracerProvider,
    TraceState,
)

from ..core.attributes import Attribute
from ..core.events import Event, Operation, Run, SpanEnded, SpanStarted
from ..settings import Settings
from .naming import name_of
from .scrubbing import Scrubber
from .totals import Totals

SCOPE: Final = "tta_dev_primitives"
_NS: Final = 1_000_000_000
_KEPT_ON_SPANS: Final = ("playbox.verdict.", "playbox.strategies.", "playbox.playbook.")
"""What a run came to, which is looked for on the step that did it."""


@dataclass(slots=True)
class _Open:
    """A span that has not ended; `offset_ns` is what the clock of events lacks to the time of day."""

    span: Span
    inside: Context
    token: Token[Context]
    offset_ns: int
    totals: Totals = field(default_factory=Totals)
    failed_below: list[BaseException] = field(default_factory=list[BaseException])


class OpenTelemetrySink:
    """Makes a span of every step, a child span of every model call and sandbox run, a span event of the rest.

    What happens outside of all steps is recorded only if it took time.

    Without `tracer_provider` the global one is used; where no SDK is set up, that records nothing. A run
    continues the trace of `context.parent_span_id`, or of the OpenTelemetry span that is current where it
    starts; while a step runs, its span is the current one, so that other instrumentation joins in. Put this
    sink before others in `WorkflowContext(sinks=...)`: they and `inject` then show its ids.

    Secrets of `settings` (default: the environment) are replaced everywhere. `capture_content` adds prompts,
    programs and guest output; by default PLAYBOX_TRACE_CONTENT decides.
    """

    def __init__(
        self,
        *,
        tracer_provider: TracerProvider | None = None,
        settings: Settings | None = None,
        capture_content: bool | None = None,
    ) -> None:
        self._tracer: Tracer = trace.get_tracer(SCOPE, tracer_provider=tracer_provider)
        self._scrubber = Scrubber.of(settings, capture_content)
        self._open: dict[SpanStarted, _Open] = {}

    def __call__(self, event: Event) -> None:
        """Record `event`."""
        if isinstance(event, SpanStarted):
            self._start(event)
        elif isinstance(event, SpanEnded):
            self._end(event)
        else:
            self._note(event)

    def _start(self, started: SpanStarted) -> None:
        around = self._open.get(started.parent) if isinstance(started.parent, SpanStarted) else None
        offset = time.time_ns() - int(time.perf_counter() * _NS) if around is None else around.offset_ns
        span = self._tracer.start_span(
            self._scrubber.within(started).name(started.name),
            context=_context_of(started.run) if around is None else around.inside,
            attributes=self._identity(started.run) if around is None else None,
            start_time=int(started.at * _NS) + offset,
        )
        ids = span.get_span_context()
        if ids.is_valid:
            started.adopt(
                trace_id=trace.format_trace_id(ids.trace_id),
                span_id=trace.format_span_id(ids.span_id),
                sampled=ids.trace_flags.sampled,
            )
        inside = trace.set_span_in_context(span, None if around is None else around.inside)
        self._open[started] = _Open(span=span, inside=inside, token=current.attach(inside), offset_ns=offset)

    def _end(self, ended: SpanEnded) -> None:
        opened = self._open.pop(ended.started, None)
        if opened is None:
            return
        current.detach(opened.token)
        try:
            opened.span.set_attributes(opened.totals.attributes())
            if ended.error is not None:
                self._fail(opened, ended.error, ended.started)
        finally:
            opened.span.end(int(ended.at * _NS) + opened.offset_ns)

    def _fail(self, opened: _Open, error: BaseException, started: SpanStarted) -> None:
        """Set the status; the exception itself is recorded once, on the innermost span that it ended."""
        around = self._open.get(started.parent) if isinstance(started.parent, SpanStarted) else None
        if around is not None:
            around.failed_below.append(error)
        if isinstance(error, asyncio.CancelledError):
            opened.span.set_attribute("playbox.cancelled", True)  # noqa: FBT003  # OpenTelemetry's signature
            return
        failure = self._scrubber.within(started).failure(error)
        opened.span.set_attribute("error.type", failure.kind)
        opened.span.set_status(Status(StatusCode.ERROR, failure.message or failure.kind))
        if not any(below is error for below in opened.failed_below):
            opened.span.add_event(
                "exception",
                {
                    "exception.type": failure.kind,
                    "exception.message": failure.message,
                    "exception.stacktrace": failure.stacktrace,
                },
            )

    def _note(self, event: Event) -> None:
        around = self._open.get(event.within) if isinstance(event.within, SpanStarted) else None
        attributes, operation = self._scrubber.within(event.within).attributes(event), event.operation()
        if operation is not None:
            self._operation(operation, attributes, event, around)
        if around is None:
            return
        if operation is None:
            around.span.add_event(f"playbox.{name_of(event)}", attributes, time.time_ns())
        around.totals.add(attributes)
        around.span.set_attributes(
            {name: value for name, value in attributes.items() if name.startswith(_KEPT_ON_SPANS)}
        )

    def _operation(
        self, operation: Operation, attributes: dict[str, Attribute], event: Event, around: _Open | None
    ) -> None:
        """Record what took time as a span that has ended."""
        run = event.within.run if isinstance(event.within, SpanStarted) else event.within
        now = time.time_ns() if around is None else int(time.perf_counter() * _NS) + around.offset_ns
        outside = None if run is None else _context_of(run)
        span = self._tracer.start_span(
            self._scrubber.within(event.within).name(operation.name),
            context=outside if around is None else around.inside,
            kind=SpanKind.CLIENT if operation.remote else SpanKind.INTERNAL,
            attributes=attributes,
            start_time=now - int(operation.seconds * _NS),
        )
        if "error.type" in attributes:
            span.set_status(Status(StatusCode.ERROR, str(attributes["error.type"])))
        span.end(now)

    def _identity(self, run: Run) -> dict[str, str]:
        """Return who asked; what is not set is left out."""
        named = {
            "playbox.workflow_id": run.workflow_id,
            "playbox.correlation_id": run.correlation_id,
            "playbox.session_id": run.session_id,
            "playbox.tenant": run.tenant,
        }
        scrubber = self._scrubber.within(run)
        return {name: scrubber.text(value) for name, value in named.items() if value is not None}


def _context_of(run: Run) -> Context | None:
    """Return the span of another process that `run` belongs to; None stands for what is current here."""
    if run.parent_span_id is None:
        return None
    remote = SpanContext(
        trace_id=int(run.trace_id, 16),
        span_id=int(run.parent_span_id, 16),
        is_remote=True,
        trace_flags=TraceFlags(TraceFlags.SAMPLED if run.sampled else TraceFlags.DEFAULT),
        trace_state=TraceState.from_header([run.trace_state]),
    )
    return trace.set_span_in_context(NonRecordingSpan(remote))
