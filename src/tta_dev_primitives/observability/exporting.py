"""Set up OpenTelemetry's SDK: spans and metrics to a collector by OTLP, metrics for Prometheus to fetch.

Needs the extra `otel`. The SDK reads its own variables, such as OTEL_EXPORTER_OTLP_ENDPOINT.
"""

from __future__ import annotations

import importlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..core.errors import ConfigurationError
from ..core.events import Sink
from ..settings import Settings
from .metrics import MetricsSink
from .otel import OpenTelemetrySink

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource

_LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prometheus:
    """Metrics at `http://HOST:PORT/metrics`, as counted by `sink`."""

    sink: MetricsSink
    host: str
    port: int

    @property
    def url(self) -> str:
        """Where Prometheus finds them."""
        return f"http://{self.host}:{self.port}/metrics"


@contextmanager
def otlp_sinks(
    *, settings: Settings | None = None, capture_content: bool | None = None
) -> Generator[tuple[Sink, ...]]:
    """Yield sinks that send spans and metrics to a collector; what is left is sent when the block ends.

    Raises:
        ConfigurationError: the extra `otel` is not installed.
    """
    _require("opentelemetry.exporter.otlp.proto.http")
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter  # noqa: PLC0415
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    tracing = TracerProvider(resource=_resource(), shutdown_on_exit=False)
    tracing.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    metering = MeterProvider(
        [PeriodicExportingMetricReader(OTLPMetricExporter())], resource=_resource(), shutdown_on_exit=False
    )
    try:
        yield (
            OpenTelemetrySink(tracer_provider=tracing, settings=settings, capture_content=capture_content),
            MetricsSink(meter_provider=metering, settings=settings),
        )
    finally:
        tracing.shutdown()
        metering.shutdown()


@contextmanager
def prometheus(
    *, port: int = 0, host: str = _LOOPBACK, settings: Settings | None = None
) -> Generator[Prometheus]:
    """Serve metrics for Prometheus until the block ends; on a free port if `port` is 0.

    Whoever reaches `host` can read them, so by default that is this machine alone.

    Raises:
        ConfigurationError: the extra `otel` is not installed, or the port is taken.
    """
    _require("opentelemetry.exporter.prometheus")
    from opentelemetry.exporter.prometheus import PrometheusMetricReader  # noqa: PLC0415
    from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415
    from prometheus_client import CollectorRegistry, start_http_server  # noqa: PLC0415

    registry = CollectorRegistry()
    reader = PrometheusMetricReader(registry=registry)
    provider = MeterProvider([reader], resource=_resource(), shutdown_on_exit=False)
    try:
        server, thread = start_http_server(port, addr=host, registry=registry)
    except OSError as error:
        provider.shutdown()
        raise ConfigurationError(
            f"metrics cannot be served at {host}:{port}: {error.strerror}; "
            "name another port, or 0 for a free one"
        ) from error
    try:
        sink = MetricsSink(meter_provider=provider, settings=settings)
        yield Prometheus(sink=sink, host=host, port=server.server_port)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        provider.shutdown()


def _resource() -> Resource:
    """Return what the environment says about this process, under our name where it gives none."""
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource  # noqa: PLC0415

    return Resource.create({"service.name": "playbox", **OTELResourceDetector().detect().attributes})


def _require(module: str) -> None:
    try:
        importlib.import_module(module)
    except ImportError as error:
        raise ConfigurationError(
            "OpenTelemetry's SDK is not installed; install tta-dev-primitives[otel]"
        ) from error
