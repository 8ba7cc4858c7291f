from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import SpanKind, StatusCode

from tests.core.steps import Add, Fail, Hang, Heard, Show
from tests.observability.conftest import PLAIN, Spans, ids, run_the_loop
from tta_dev_primitives import LambdaPrimitive, WorkflowContext
from tta_dev_primitives.core import Event, SpanStarted
from tta_dev_primitives.core.attributes import Attribute
from tta_dev_primitives.core.events import Operation
from tta_dev_primitives.observability import OpenTelemetrySink, inject
from tta_dev_primitives.sandbox import Sandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryScheduled(Event):
    """As another part of the project may define it: nothing here knows of it."""

    attempt: int
    wait_s: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Called(Event):
    seconds: float
    error: str = ""

    def attributes(self) -> Mapping[str, Attribute]:
        return {"error.type": self.error} if self.error else {}

    def operation(self) -> Operation:
        return Operation(name="call", seconds=self.seconds, remote=True)


def sink(spans: Spans, *, capture_content: bool | None = None) -> OpenTelemetrySink:
    return OpenTelemetrySink(tracer_provider=spans.provider, settings=PLAIN, capture_content=capture_content)


async def test_spans_nest_as_the_steps_do_in_one_trace(spans: Spans) -> None:
    chain = Add() >> (Show() | LambdaPrimitive(float, name="float"))
    await chain.execute(1, WorkflowContext(sinks=(sink(spans),), workflow_id="run-1", tenant="us"))

    assert spans.parent("SequentialPrimitive") is None
    assert spans.parent("Add") == spans.parent("ParallelPrimitive") == "SequentialPrimitive"
    assert spans.parent("Show") == spans.parent("float") == "ParallelPrimitive"
    assert len({ids(span).trace_id for span in spans.all}) == 1
    outermost = spans.named("SequentialPrimitive")
    assert outermost.attributes is not None
    assert (outermost.attributes["playbox.workflow_id"], outermost.attributes["playbox.tenant"]) == (
        "run-1",
        "us",
    )
    assert "playbox.session_id" not in outermost.attributes
    assert all(span.status.status_code is StatusCode.UNSET for span in spans.all)


async def test_branches_that_interleave_keep_their_own_children(spans: Spans) -> None:
    async def wait(data: int) -> int:
        await asyncio.sleep(0)
        return data

    branches = [LambdaPrimitive(wait, name=f"before {n}") >> Add() >> Show() for n in range(5)]
    whole = branches[0] | branches[1] | branches[2] | branches[3] | branches[4]
    await whole.execute(1, WorkflowContext(sinks=(sink(spans),)))

    chains = {ids(span).span_id for span in spans.all if span.name == "SequentialPrimitive"}
    for name in ("Add", "Show"):
        parents = [span.parent.span_id for span in spans.all if span.name == name and span.parent]
        assert sorted(parents) == sorted(chains), name


async def test_a_child_lies_within_its_parent(spans: Spans) -> None:
    await (Add() >> Show() >> LambdaPrimitive(str.upper)).execute(1, WorkflowContext(sinks=(sink(spans),)))
    outer = spans.named("SequentialPrimitive")
    for span in spans.all:
        assert span.start_time is not None
        assert span.end_time is not None
        assert (outer.start_time or 0) <= span.start_time <= span.end_time <= (outer.end_time or 0)


async def test_a_failure_is_a_status_everywhere_and_an_exception_once(spans: Spans) -> None:
    step = Add() >> (Fail(lambda: ValueError("no such thing"), turns=2) | Hang())
    with pytest.raises(ValueError, match="no such thing"):
        await step.execute(1, WorkflowContext(sinks=(sink(spans),)))

    for name in ("Fail", "ParallelPrimitive", "SequentialPrimitive"):
        failed = spans.named(name)
        assert failed.status.status_code is StatusCode.ERROR
        assert failed.status.description == "no such thing"
        assert (failed.attributes or {})["error.type"] == "ValueError"
    recorded = [(span.name, event) for span in spans.all for event in span.events]
    ((where, exception),) = recorded
    assert (where, exception.name) == ("Fail", "exception")
    kept = dict(exception.attributes or {})
    assert (kept["exception.type"], kept["exception.message"]) == ("ValueError", "no such thing")
    assert "steps.py" in str(kept["exception.stacktrace"])
    assert spans.named("Add").status.status_code is StatusCode.UNSET


async def test_what_was_cancelled_did_not_fail(spans: Spans) -> None:
    step = Fail(ZeroDivisionError, turns=2) | Hang()
    with pytest.raises(ZeroDivisionError):
        await step.execute(1, WorkflowContext(sinks=(sink(spans),)))
    cancelled = spans.named("Hang")
    assert cancelled.status.status_code is StatusCode.UNSET
    assert (cancelled.attributes or {})["playbox.cancelled"] is True


async def test_an_event_of_any_kind_is_an_event_of_its_span(spans: Spans) -> None:
    def speak(data: int, context: WorkflowContext) -> int:
        context.emit(RetryScheduled(attempt=2, wait_s=0.5, why="429"))
        return data

    await (Add() >> LambdaPrimitive(speak)).execute(1, WorkflowContext(sinks=(sink(spans),)))
    (event,) = spans.named("speak").events
    assert event.name == "playbox.retry_scheduled"
    assert dict(event.attributes or {}) == {"playbox.attempt": 2, "playbox.wait_s": 0.5, "playbox.why": "429"}


async def test_what_took_time_is_a_span_of_its_own(spans: Spans) -> None:
    def call(data: int, context: WorkflowContext) -> int:
        context.emit(Called(seconds=0.25))
        return data

    await LambdaPrimitive(call, name="step").execute(1, WorkflowContext(sinks=(sink(spans),)))
    called = spans.named("call")
    assert spans.parent("call") == "step"
    assert called.kind is SpanKind.CLIENT
    assert (called.end_time or 0) - (called.start_time or 0) == 250_000_000
    assert spans.named("step").kind is SpanKind.INTERNAL


async def test_what_took_time_and_failed_has_the_status_of_an_error(spans: Spans) -> None:
    WorkflowContext(sinks=(sink(spans),)).emit(Called(seconds=0.25, error="ModelRejected"))
    called = spans.named("call")
    assert called.status.status_code is StatusCode.ERROR
    assert called.status.description == "ModelRejected"


async def test_outside_of_all_steps_what_takes_time_is_a_span_and_a_moment_is_none(spans: Spans) -> None:
    context = WorkflowContext(sinks=(sink(spans),))
    context.emit(Called(seconds=0.25))
    context.emit(RetryScheduled(attempt=2, wait_s=0.5, why="429"))
    assert spans.names == ["call"]


async def test_a_run_joins_the_span_that_is_current_and_so_does_what_it_calls(spans: Spans) -> None:
    tracer = spans.provider.get_tracer("application")

    async def instrumented(data: int) -> int:
        with tracer.start_as_current_span("GET"):
            return data

    with tracer.start_as_current_span("request") as request:
        await LambdaPrimitive(instrumented, name="step").execute(1, WorkflowContext(sinks=(sink(spans),)))
        assert trace.get_current_span() is request, "as it was before"
    assert spans.parent("step") == "request"
    assert spans.parent("GET") == "step"
    assert trace.get_current_span() is trace.INVALID_SPAN


async def test_a_run_continues_the_span_of_another_process(spans: Spans) -> None:
    trace_id, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    context = WorkflowContext(
        sinks=(sink(spans),), trace_id=trace_id, parent_span_id=parent, trace_state="vendor=1"
    )
    await (Add() >> Show()).execute(1, context)
    outer = spans.named("SequentialPrimitive")
    assert trace.format_trace_id(ids(outer).trace_id) == trace_id
    assert outer.parent is not None
    assert trace.format_span_id(outer.parent.span_id) == parent
    assert outer.parent.is_remote
    assert ids(outer).trace_state.to_header() == "vendor=1"


async def test_other_sinks_and_headers_show_the_ids_of_the_tracer(spans: Spans) -> None:
    heard, sent = Heard(), list[dict[str, str]]()

    def send(data: int, context: WorkflowContext) -> int:
        sent.append(inject(context))
        return data

    context = WorkflowContext(sinks=(sink(spans), heard))
    await LambdaPrimitive(send).execute(1, context)
    recorded = ids(spans.named("send"))
    (started,) = [event for event in heard.events if isinstance(event, SpanStarted)]
    assert started.span_id == trace.format_span_id(recorded.span_id)
    assert started.trace_id == trace.format_trace_id(recorded.trace_id)
    assert sent == [{"traceparent": f"00-{started.trace_id}-{started.span_id}-01"}]


async def test_a_trace_that_is_not_sampled_says_so_to_others() -> None:
    sent = list[dict[str, str]]()

    def send(data: int, context: WorkflowContext) -> int:
        sent.append(inject(context))
        return data

    quiet = OpenTelemetrySink(
        tracer_provider=TracerProvider(sampler=ALWAYS_OFF, shutdown_on_exit=False), settings=PLAIN
    )
    await LambdaPrimitive(send).execute(1, WorkflowContext(sinks=(quiet,)))
    assert sent[0]["traceparent"].endswith("-00")


async def test_without_an_sdk_a_run_is_as_it_was() -> None:
    context = WorkflowContext(sinks=(OpenTelemetrySink(settings=PLAIN),))
    assert await (Add() >> Show()).execute(1, context) == "<2>"


async def test_the_loop_tells_models_verdicts_strategies_and_sandbox_runs(
    spans: Spans, sandbox: Sandbox
) -> None:
    await run_the_loop(sandbox, sink(spans))

    chats = [span for span in spans.all if span.name == "chat scripted"]
    runs = [span for span in spans.all if span.name == "execute_tool run_code"]
    assert (len(chats), len(runs)) == (3, 2)
    step = spans.named("SelfLearningCodePrimitive")
    assert all(span.parent and span.parent.span_id == ids(step).span_id for span in (*chats, *runs))
    assert dict(chats[0].attributes or {}) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "playbox",
        "gen_ai.request.model": "scripted",
        "gen_ai.response.model": "scripted",
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 50,
        "gen_ai.usage.cache_read.input_tokens": 0,
        "playbox.role": "generator",
        "playbox.task_id": (chats[0].attributes or {})["playbox.task_id"],
        "playbox.attempt": 1,
        "playbox.answer.origin": "scripted",
        "playbox.answer.calls": 1,
        "playbox.cost_usd": 0.0,
    }
    ran = dict(runs[0].attributes or {})
    assert (ran["playbox.sandbox.language"], ran["playbox.sandbox.stop"]) == ("python", "exited")
    assert ran["playbox.sandbox.isolation"] in {"namespaces", "landlock"}
    assert isinstance(ran["playbox.sandbox.seconds"], float)

    told = dict(step.attributes or {})
    assert (told["playbox.verdict.kind"], told["playbox.verdict.score"]) == ("passed", 1.0)
    assert (told["playbox.playbook.version"], told["playbox.playbook.size"]) == (1, 1)
    added = told["playbox.strategies.added"]
    assert isinstance(added, tuple)
    assert len(added) == 1
    assert (told["playbox.total.calls"], told["playbox.total.input_tokens"]) == (3, 300)
    assert told["playbox.total.sandbox_runs"] == 2
    judged = [event for event in step.events if event.name == "playbox.attempt_judged"]
    kinds = [(event.attributes or {})["playbox.verdict.kind"] for event in judged]
    assert kinds == ["tests_failed", "passed"]


async def test_prompts_programs_and_output_are_there_only_on_request(spans: Spans, sandbox: Sandbox) -> None:
    await run_the_loop(sandbox, sink(spans))
    assert "print(42)" not in _everything(spans)
    assert "add 1" not in _everything(spans)

    spans.exporter.clear()
    await run_the_loop(sandbox, sink(spans, capture_content=True))
    assert "print(42)" in _everything(spans)
    assert "add 1" in _everything(spans)
    asked = next(span.attributes for span in spans.all if span.name == "chat scripted")
    assert asked is not None
    ((question,), (answer,)) = (
        json.loads(str(asked[name])) for name in ("gen_ai.input.messages", "gen_ai.output.messages")
    )
    assert question["role"] == "user"
    assert "parcelo" in question["parts"][0]["content"]
    assert '"code":"print(41)"' in answer["parts"][0]["content"]
    assert "gen_ai.system_instructions" in asked


def _everything(spans: Spans) -> str:
    return "".join(span.to_json() for span in spans.all)
