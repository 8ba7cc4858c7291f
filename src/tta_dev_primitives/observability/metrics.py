"""MetricsSink: counts and distributions through OpenTelemetry's API alone."""

from __future__ import annotations

from typing import Final

from opentelemetry import metrics
from opentelemetry.metrics import MeterProvider

from ..core.attributes import Attribute
from ..core.events import Event, Operation, SpanEnded, SpanStarted
from ..settings import Settings
from .naming import name_of
from .otel import SCOPE
from .scrubbing import Scrubber, kind_of
from .totals import CHAT, COST_USD, INPUT_TOKENS, OPERATION, OUTPUT_TOKENS, SANDBOX_SECONDS, number

# Both as the conventions for generative AI advise.
_TOKENS: Final = tuple(4**power for power in range(14))
_SECONDS: Final = tuple(0.01 * 2**power for power in range(14))
_SHORT_SECONDS: Final = (0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 60.0, 600.0)

_OF_MODEL: Final = (OPERATION, "gen_ai.provider.name", "gen_ai.request.model")
_OF_RUN: Final = ("playbox.sandbox.language", "playbox.sandbox.stop", "playbox.sandbox.isolation")


class MetricsSink:
    """Measures steps, model calls, sandbox runs, verdicts and strategies.

    Without `meter_provider` the global one is used; where no SDK is set up, that records nothing. Attributes
    have few values each: no ids, no text of a task.
    """

    def __init__(
        self, *, meter_provider: MeterProvider | None = None, settings: Settings | None = None
    ) -> None:
        self._scrubber = Scrubber.of(settings, capture_content=False)
        meter = metrics.get_meter(SCOPE, meter_provider=meter_provider)
        self._tokens = meter.create_histogram(
            "gen_ai.client.token.usage",
            unit="{token}",
            description="Number of input and output tokens used.",
            explicit_bucket_boundaries_advisory=_TOKENS,
        )
        self._calls = meter.create_histogram(
            "gen_ai.client.operation.duration",
            unit="s",
            description="GenAI operation duration.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )
        self._steps = meter.create_histogram(
            "playbox.step.duration",
            unit="s",
            description="Duration of a step.",
            explicit_bucket_boundaries_advisory=_SHORT_SECONDS,
        )
        self._sandbox = meter.create_histogram(
            "playbox.sandbox.duration",
            unit="s",
            description="Duration of a run in a sandbox.",
            explicit_bucket_boundaries_advisory=_SHORT_SECONDS,
        )
        self._cost = meter.create_counter("playbox.cost", unit="USD", description="Cost of model calls.")
        self._verdicts = meter.create_counter(
            "playbox.verdicts", unit="{verdict}", description="Programs judged."
        )
        self._strategies = meter.create_counter(
            "playbox.strategies", unit="{strategy}", description="Strategies selected and added."
        )
        self._events = meter.create_counter("playbox.events", unit="{event}", description="Events by name.")

    def __call__(self, event: Event) -> None:
        """Count `event`."""
        if isinstance(event, SpanEnded):
            self._step(event)
        elif not isinstance(event, SpanStarted):
            self._count(event)

    def _step(self, ended: SpanEnded) -> None:
        failed = {} if ended.error is None else {"error.type": kind_of(ended.error)}
        self._steps.record(
            ended.seconds, {"playbox.step": self._scrubber.within(ended.started).name(ended.name), **failed}
        )

    def _count(self, event: Event) -> None:
        attributes, operation = self._scrubber.within(event.within).attributes(event), event.operation()
        self._events.add(1, {"playbox.event": name_of(event)})
        if operation is not None and attributes.get(OPERATION) == CHAT:
            self._call(attributes, operation)
        if SANDBOX_SECONDS in attributes:
            self._sandbox.record(number(attributes, SANDBOX_SECONDS), _only(attributes, _OF_RUN))
        if "playbox.verdict.kind" in attributes:
            self._verdicts.add(1, _only(attributes, ("playbox.verdict.kind",)))
        for what in ("selected", "added"):
            named = attributes.get(f"playbox.strategies.{what}")
            if isinstance(named, tuple) and named:
                self._strategies.add(len(named), {"playbox.strategies.what": what})

    def _call(self, attributes: dict[str, Attribute], operation: Operation) -> None:
        model = _only(attributes, _OF_MODEL)
        self._calls.record(operation.seconds, {**model, **_only(attributes, ("error.type",))})
        if INPUT_TOKENS not in attributes:
            return
        for kind, name in (("input", INPUT_TOKENS), ("output", OUTPUT_TOKENS)):
            self._tokens.record(int(number(attributes, name)), {**model, "gen_ai.token.type": kind})
        if COST_USD in attributes:
            self._cost.add(max(0.0, number(attributes, COST_USD)), model)


def _only(attributes: dict[str, Attribute], names: tuple[str, ...]) -> dict[str, Attribute]:
    return {name: attributes[name] for name in names if name in attributes}
