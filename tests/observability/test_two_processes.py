"""A run that goes on in another process is one trace, in what the tracer exports and in the files of both."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from opentelemetry import trace

from tests.cli.conftest import ENVIRONMENT
from tests.observability.conftest import PLAIN, Spans, ids
from tta_dev_primitives import LambdaPrimitive, WorkflowContext
from tta_dev_primitives.observability import JsonlSink, OpenTelemetrySink, inject, read_traces

CHILD = """
import asyncio, json, os, sys
from dataclasses import replace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor
from tta_dev_primitives import LambdaPrimitive
from tta_dev_primitives.observability import JsonlSink, OpenTelemetrySink, extract

provider = TracerProvider()
printed = ConsoleSpanExporter(formatter=lambda span: span.to_json(indent=None))
provider.add_span_processor(SimpleSpanProcessor(printed))
context = extract(os.environ)
sinks = (OpenTelemetrySink(tracer_provider=provider), JsonlSink(sys.argv[1]))

def answer(data, context):
    return context.baggage["user"]

asyncio.run(LambdaPrimitive(answer, name="far").execute(1, replace(context, sinks=sinks)))
"""


async def test_a_child_process_continues_the_trace(spans: Spans, tmp_path: Path) -> None:
    async def delegate(file: Path, context: WorkflowContext) -> str:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            CHILD,
            str(file),
            env={**ENVIRONMENT, **{name.upper(): value for name, value in inject(context).items()}},
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate()
        assert process.returncode == os.EX_OK
        return out.decode()

    near, far = tmp_path / "near.jsonl", tmp_path / "far.jsonl"
    with JsonlSink(near, settings=PLAIN) as lines:
        sinks = (OpenTelemetrySink(tracer_provider=spans.provider, settings=PLAIN), lines)
        context = WorkflowContext(sinks=sinks, baggage={"user": "alice"})
        exported = await LambdaPrimitive(delegate, name="near").execute(far, context)

    theirs, ours = json.loads(exported), ids(spans.named("near"))
    assert theirs["name"] == "far"
    assert theirs["context"]["trace_id"] == f"0x{trace.format_trace_id(ours.trace_id)}"
    assert theirs["parent_id"] == f"0x{trace.format_span_id(ours.span_id)}"
    (of_near,), (of_far,) = read_traces(near).runs, read_traces(far).runs
    assert of_near.trace == of_far.trace == trace.format_trace_id(ours.trace_id)
    assert json.loads(far.read_text().splitlines()[0])["parent"] == of_near.spans[0].id
