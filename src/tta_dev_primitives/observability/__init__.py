"""Sinks for `WorkflowContext(sinks=...)`: spans, metrics, lines; and traces across processes."""

from .console import ConsoleSink
from .exporting import Prometheus, otlp_sinks, prometheus
from .jsonl import JsonlSink
from .metrics import MetricsSink
from .otel import OpenTelemetrySink
from .propagation import extract, inject
from .reading import TracedRun, Traces, read_traces

__all__ = [
    "ConsoleSink",
    "JsonlSink",
    "MetricsSink",
    "OpenTelemetrySink",
    "Prometheus",
    "TracedRun",
    "Traces",
    "extract",
    "inject",
    "otlp_sinks",
    "prometheus",
    "read_traces",
]
