"""What is named as OpenTelemetry's conventions name it is named so in the package that holds them."""

from __future__ import annotations

import warnings
from importlib import import_module

import pytest

from tests.observability.conftest import PLAIN, Metrics, Spans, run_the_loop
from tta_dev_primitives.llm.answered import CONVENTIONAL
from tta_dev_primitives.observability import MetricsSink, OpenTelemetrySink
from tta_dev_primitives.sandbox import Sandbox

# The package marks all of them as moved to a repository of their own; it is the newest that is published.
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    ATTRIBUTES = import_module("opentelemetry.semconv._incubating.attributes.gen_ai_attributes")
    METRICS = import_module("opentelemetry.semconv._incubating.metrics.gen_ai_metrics")
ERRORS = import_module("opentelemetry.semconv.attributes.error_attributes")
EXCEPTIONS = import_module("opentelemetry.semconv.attributes.exception_attributes")


def constants(module: object) -> set[str]:
    return {value for name, value in vars(module).items() if name.isupper() and isinstance(value, str)}


async def test_every_name_outside_of_ours_is_a_convention(
    spans: Spans, metrics: Metrics, sandbox: Sandbox
) -> None:
    sinks = (
        OpenTelemetrySink(tracer_provider=spans.provider, settings=PLAIN, capture_content=True),
        MetricsSink(meter_provider=metrics.provider, settings=PLAIN),
    )
    await run_the_loop(sandbox, *sinks)
    used = {name for span in spans.all for name in span.attributes or {}}
    used |= {name for span in spans.all for event in span.events for name in event.attributes or {}}
    foreign = {name for name in used if not name.startswith("playbox.")}
    assert {"gen_ai.operation.name", "gen_ai.tool.name", "gen_ai.usage.input_tokens"} <= foreign
    assert foreign <= constants(ATTRIBUTES) | constants(ERRORS) | constants(EXCEPTIONS)


@pytest.mark.parametrize("name", ["gen_ai.client.token.usage", "gen_ai.client.operation.duration"])
async def test_the_metrics_are_conventions(name: str, metrics: Metrics, sandbox: Sandbox) -> None:
    await run_the_loop(sandbox, MetricsSink(meter_provider=metrics.provider, settings=PLAIN))
    assert name in constants(METRICS)
    assert metrics.points(name)


def test_operations_and_providers_are_values_of_the_conventions() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        operations = {item.value for item in ATTRIBUTES.GenAiOperationNameValues}
        providers = {item.value for item in ATTRIBUTES.GenAiProviderNameValues}
    assert {"chat", "execute_tool"} <= operations
    assert set(CONVENTIONAL.values()) <= providers
