"""A real SDK that keeps what it gets, and one run of the real loop that everything can be seen in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanContext

from tests.ace.loop.making import LESSON, PRINT_42, RIGHT, WRONG, learner, reflection, scripted
from tta_dev_primitives import WorkflowContext
from tta_dev_primitives.core import Sink
from tta_dev_primitives.sandbox import Sandbox
from tta_dev_primitives.sandbox.open import open_sandbox
from tta_dev_primitives.settings import Settings

PLAIN = Settings()
"""What an empty environment says."""


@dataclass(frozen=True)
class Spans:
    """A tracer provider, and the spans that ended."""

    provider: TracerProvider
    exporter: InMemorySpanExporter

    @property
    def all(self) -> tuple[ReadableSpan, ...]:
        return self.exporter.get_finished_spans()

    @property
    def names(self) -> list[str]:
        return [span.name for span in self.all]

    def named(self, name: str) -> ReadableSpan:
        """Return the one span of that name."""
        (span,) = [span for span in self.all if span.name == name]
        return span

    def parent(self, name: str) -> str | None:
        """Return the name of the span around the one called `name`."""
        around = self.named(name).parent
        if around is None:
            return None
        return next((span.name for span in self.all if ids(span).span_id == around.span_id), "elsewhere")


def ids(span: ReadableSpan) -> SpanContext:
    return cast("SpanContext", span.get_span_context())


@pytest.fixture
def spans() -> Iterator[Spans]:
    provider, exporter = TracerProvider(shutdown_on_exit=False), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield Spans(provider, exporter)
    provider.shutdown()


@dataclass(frozen=True)
class Metrics:
    """A meter provider, and what it has measured."""

    provider: MeterProvider
    reader: InMemoryMetricReader

    def points(self, name: str) -> list[dict[str, object]]:
        """Return the data points of an instrument: its attributes, with `value` or `sum` and `count`."""
        data = self.reader.get_metrics_data()
        found: list[dict[str, object]] = []
        for resource in data.resource_metrics if data else ():
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    if metric.name == name:
                        found += [_point(point) for point in metric.data.data_points]
        return found


def _point(point: object) -> dict[str, object]:
    measured = {name: getattr(point, name) for name in ("value", "sum", "count") if hasattr(point, name)}
    return {**dict(getattr(point, "attributes", {})), **measured}


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader], shutdown_on_exit=False)
    yield Metrics(provider, reader)
    provider.shutdown()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    jail = open_sandbox("local")
    yield jail
    asyncio.run(jail.aclose())


async def run_the_loop(sandbox: Sandbox, *sinks: Sink, context: WorkflowContext | None = None) -> None:
    """Fail once, pass then, and learn a lesson from it."""
    loop = learner(scripted([WRONG, RIGHT], [reflection(LESSON)]), sandbox)
    result = await loop.execute(PRINT_42, context or WorkflowContext(sinks=sinks, session_id="session-1"))
    assert result.execution_success
