"""What it costs to be observed: a chain of ten steps without a sink, and with each of them, in one run.

OpenTelemetry runs with its real SDK; spans go to a batch processor that drops them, metrics to a reader that
is never read. The file is on disk. Variants are interleaved, so that a busy machine hits all.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from io import StringIO
from pathlib import Path

from composition import Add, add, chain, compare_calls, ignore
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from recording import record
from rich.console import Console

from tta_dev_primitives import WorkflowContext
from tta_dev_primitives.core import Sink
from tta_dev_primitives.observability import ConsoleSink, JsonlSink, MetricsSink, OpenTelemetrySink
from tta_dev_primitives.settings import Settings

STEPS = 10
_PLAIN = Settings()


class Dropped(SpanExporter):
    """Exports to nowhere."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        del spans
        return SpanExportResult.SUCCESS


def tracing_to_nowhere(stack: ExitStack) -> TracerProvider:
    """Return a provider as a program would set it up."""
    tracing = TracerProvider()
    tracing.add_span_processor(BatchSpanProcessor(Dropped()))
    stack.callback(tracing.shutdown)
    return tracing


def sinks(stack: ExitStack, tracing: TracerProvider) -> dict[str, tuple[Sink, ...]]:
    """Return the sinks of each variant; the first is the reference."""
    metering = MeterProvider([InMemoryMetricReader()])
    stack.callback(metering.shutdown)
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    file = stack.enter_context(JsonlSink(folder / "traces.jsonl", settings=_PLAIN))
    without_sdk = OpenTelemetrySink(settings=_PLAIN)
    spans = OpenTelemetrySink(tracer_provider=tracing, settings=_PLAIN)
    metrics = MetricsSink(meter_provider=metering, settings=_PLAIN)
    return {
        "no sink": (),
        "a sink that ignores": (ignore,),
        "spans, no SDK": (without_sdk,),
        "spans, SDK": (spans,),
        "metrics, SDK": (metrics,),
        "JSON lines": (file,),
        "console, to memory": (ConsoleSink(Console(file=StringIO()), settings=_PLAIN),),
        "spans, metrics and lines": (spans, metrics, file),
    }


def by_hand(tracing: TracerProvider) -> Callable[[], Awaitable[object]]:
    """Return the same chain as awaits, with spans as OpenTelemetry's users write them."""
    tracer = tracing.get_tracer("by hand")

    async def call() -> int:
        data = 0
        with tracer.start_as_current_span("SequentialPrimitive"):
            for _ in range(STEPS):
                with tracer.start_as_current_span("Add"):
                    data = await add(data)
        return data

    return call


def variant(heard: tuple[Sink, ...]) -> Callable[[], Awaitable[object]]:
    """Return a call of the chain that `heard` listen to."""
    steps, context = chain(Add()), WorkflowContext(sinks=heard)
    return lambda: steps.execute(0, context)


async def main() -> None:
    with ExitStack() as stack:
        tracing = tracing_to_nowhere(stack)
        variants = {name: variant(heard) for name, heard in sinks(stack, tracing).items()}
        variants["awaits and spans by hand, SDK"] = by_hand(tracing)
        for call in variants.values():
            assert await call() == STEPS
        figures = await compare_calls(f"a chain of {STEPS} steps", variants)
    record(__file__, {f"a chain of {STEPS} steps": figures})


if __name__ == "__main__":
    asyncio.run(main())
