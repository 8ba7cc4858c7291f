"""Whatever becomes of a sink, the run comes to the same result; the other sinks learn of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from rich.console import Console

from tests.core.steps import Add, Fail, Heard, Show
from tests.observability.conftest import PLAIN
from tta_dev_primitives import WorkflowContext
from tta_dev_primitives.core import Sink
from tta_dev_primitives.core.events import SinkFailed
from tta_dev_primitives.observability import ConsoleSink, JsonlSink, MetricsSink, OpenTelemetrySink


class _RaisingExporter(SpanExporter):
    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        raise ConnectionError(f"no collector for {len(spans)}")


class _RaisingProcessor(SpanProcessor):
    def on_start(self, span: Span, parent_context: object = None) -> None:
        raise RuntimeError(f"cannot start {span.name} in {parent_context!r}")

    def on_end(self, span: ReadableSpan) -> None:
        raise RuntimeError(f"cannot end {span.name}")


class _Gone:
    """A stream that nobody reads any more."""

    def write(self, text: str) -> int:
        raise BrokenPipeError(text)

    def flush(self) -> None:
        raise BrokenPipeError


def exporter_raising(_: Path) -> Sink:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(_RaisingExporter()))
    return OpenTelemetrySink(tracer_provider=provider, settings=PLAIN)


def processor_raising(_: Path) -> Sink:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(_RaisingProcessor())
    return OpenTelemetrySink(tracer_provider=provider, settings=PLAIN)


def provider_shut_down(_: Path) -> Sink:
    provider = TracerProvider(shutdown_on_exit=False)
    sink = OpenTelemetrySink(tracer_provider=provider, settings=PLAIN)
    provider.shutdown()
    return sink


def no_meter(_: Path) -> Sink:
    return MetricsSink(meter_provider=NoOpMeterProvider(), settings=PLAIN)


def file_closed(folder: Path) -> Sink:
    sink = JsonlSink(folder / "traces.jsonl", settings=PLAIN)
    sink.close()
    return sink


def disk_full(_: Path) -> Sink:
    return JsonlSink("/dev/full", settings=PLAIN)


def screen_gone(_: Path) -> Sink:
    return ConsoleSink(Console(file=_Gone()), settings=PLAIN)  # type: ignore[arg-type]  # as much of it as is used


SILENT = {exporter_raising, provider_shut_down, no_meter}
"""The SDK itself swallows these."""


@pytest.mark.parametrize(
    "broken",
    [
        exporter_raising,
        processor_raising,
        provider_shut_down,
        no_meter,
        file_closed,
        pytest.param(
            disk_full, marks=pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has it")
        ),
        screen_gone,
    ],
)
async def test_the_run_is_as_without_it(broken: type, tmp_path: Path) -> None:
    heard = Heard()
    context = WorkflowContext(sinks=(broken(tmp_path), heard))
    assert await (Add() >> (Show() | Add())).execute(1, context) == ("<2>", 3)
    with pytest.raises(ZeroDivisionError):
        await (Add() >> Fail(ZeroDivisionError)).execute(1, context)
    failures = [event for event in heard.events if isinstance(event, SinkFailed)]
    assert bool(failures) is (broken not in SILENT)
