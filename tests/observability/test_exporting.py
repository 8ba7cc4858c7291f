"""Over real HTTP on loopback: what Prometheus fetches, and what a collector gets."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import urlopen

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.core.steps import Add, Show
from tests.observability.conftest import PLAIN, run_the_loop
from tta_dev_primitives import WorkflowContext
from tta_dev_primitives.core.errors import ConfigurationError
from tta_dev_primitives.observability import otlp_sinks, prometheus
from tta_dev_primitives.sandbox import Sandbox


def fetched(url: str) -> str:
    with urlopen(url, timeout=5) as answer:  # noqa: S310  # our own server
        return bytes(answer.read()).decode()


async def test_prometheus_fetches_what_the_loop_did(sandbox: Sandbox) -> None:
    with prometheus(settings=PLAIN) as served:
        assert served.url.startswith("http://127.0.0.1:")
        await run_the_loop(sandbox, served.sink)
        text = await asyncio.to_thread(fetched, served.url)
    model = 'gen_ai_operation_name="chat",gen_ai_provider_name="playbox",gen_ai_request_model="scripted"'
    lines = text.splitlines()
    assert any(
        line.startswith(f"gen_ai_client_token_usage_sum{{{model}") and line.endswith(" 300.0")
        for line in lines
    )
    verdicts = [line for line in lines if line.startswith("playbox_verdicts_total{")]
    assert any('playbox_verdict_kind="passed"' in line and line.endswith(" 1.0") for line in verdicts)
    assert any(line.startswith("playbox_sandbox_duration_seconds_count{") for line in lines)
    assert any(line.startswith("playbox_step_duration_seconds_bucket{") for line in lines)
    assert 'service_name="playbox"' in text


async def test_the_port_is_free_again_when_the_block_has_ended() -> None:
    with prometheus(settings=PLAIN) as first:
        pass
    with prometheus(port=first.port, settings=PLAIN) as again:
        assert again.port == first.port


def test_a_port_that_is_taken_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(ConfigurationError, match=f"127.0.0.1:{port}"),
            prometheus(port=port, settings=PLAIN),
        ):
            pass


class _Collector(ThreadingHTTPServer):
    """Keeps what is sent to it."""

    def __init__(self) -> None:
        self.got: dict[str, bytes] = {}
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:  # the library's name
        assert isinstance(self.server, _Collector)
        self.server.got[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
        del format, args


@pytest.fixture
def collector() -> Iterator[_Collector]:
    with _Collector() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


async def test_a_collector_gets_spans_and_metrics(
    collector: _Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{collector.server_port}")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "tested")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
    with otlp_sinks(settings=PLAIN) as sinks:
        await (Add() >> Show()).execute(1, WorkflowContext(sinks=sinks))

    (of_spans,) = ExportTraceServiceRequest.FromString(collector.got["/v1/traces"]).resource_spans
    assert [span.name for span in of_spans.scope_spans[0].spans] == ["Add", "Show", "SequentialPrimitive"]
    names = {attribute.key: attribute.value.string_value for attribute in of_spans.resource.attributes}
    assert names["service.name"] == "tested"
    (of_metrics,) = ExportMetricsServiceRequest.FromString(collector.got["/v1/metrics"]).resource_metrics
    assert [metric.name for metric in of_metrics.scope_metrics[0].metrics] == ["playbox.step.duration"]


@pytest.mark.parametrize("opened", [prometheus, otlp_sinks])
def test_without_the_extra_the_remedy_is_named(opened: type, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("opentelemetry.exporter.prometheus", "opentelemetry.exporter.otlp.proto.http"):
        monkeypatch.setitem(sys.modules, module, None)
    with (
        pytest.raises(ConfigurationError, match=r"install tta-dev-primitives\[otel\]"),
        opened(settings=PLAIN),
    ):
        pass
