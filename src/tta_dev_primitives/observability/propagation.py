"""Carry a run into another process: W3C Trace Context and Baggage, as headers or as any mapping of text.

Source: W3C Trace Context (Recommendation, 2021) and W3C Baggage (Candidate Recommendation, 2024).
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from ..core.context import WorkflowContext
from ..core.errors import ConfigurationError
from . import baggage, tracestate
from .traceparent import TraceParent


def inject(context: WorkflowContext) -> dict[str, str]:
    """Return the headers that let another process continue this run: traceparent, tracestate, baggage.

    They name the step that runs. Where no step is being recorded, as without sinks, an id is drawn in its
    place: the trace holds together, its parent is seen nowhere. Baggage goes along as it is; put no secret
    in it.

    Raises:
        ConfigurationError: the context was given a trace id or a parent's id that no header can hold.
    """
    running = context.running
    parent = TraceParent(
        trace_id=context.trace_id if running is None else running.trace_id,
        span_id=context.span_id or os.urandom(8).hex(),
        sampled=context.sampled if running is None else running.sampled,
    )
    headers = {"traceparent": str(parent)}
    if TraceParent.parsed(headers["traceparent"]) is None:
        raise ConfigurationError(
            f"trace_id={parent.trace_id!r} and parent_span_id={parent.span_id!r} must be 32 and 16 "
            "hexadecimal digits, lower case and not all 0; leave them out to have them drawn"
        )
    state, carried = tracestate.kept(context.trace_state), baggage.written(context.baggage)
    if state:
        headers["tracestate"] = state
    if carried:
        headers["baggage"] = carried
    return headers


def extract(headers: Mapping[str, str]) -> WorkflowContext:
    """Return a context that continues the run that `headers` name; a new run where they name none.

    The names of headers may be in any case. What is not as the standards say is left out, and never raises:
    without a proper traceparent there is no parent and no tracestate, and of baggage what is proper stays.
    """
    known = {name.lower(): value for name, value in headers.items()}
    parent = TraceParent.parsed(known.get("traceparent", ""))
    carried = baggage.read(known.get("baggage", ""))
    if parent is None:
        return WorkflowContext(baggage=carried)
    return WorkflowContext(
        trace_id=parent.trace_id,
        parent_span_id=parent.span_id,
        sampled=parent.sampled,
        trace_state=tracestate.kept(known.get("tracestate", "")),
        baggage=carried,
    )
