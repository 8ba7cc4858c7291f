"""A secret that is put wherever text can be put is found in nothing that a sink lets out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import pytest
from pydantic import SecretStr
from rich.console import Console

from tests.observability.conftest import Metrics, Spans
from tta_dev_primitives import LambdaPrimitive, WorkflowContext
from tta_dev_primitives.core import Event, Sink
from tta_dev_primitives.core.attributes import CONTENT
from tta_dev_primitives.core.events import Operation
from tta_dev_primitives.observability import ConsoleSink, JsonlSink, MetricsSink, OpenTelemetrySink
from tta_dev_primitives.settings import Settings

KEY, LONGER, OF_SERVER = "correct horse", "correct horse battery", "the-key-of-the-server"
SHAPED = "sk-" + "a1B2" * 8
SECRETS = (KEY, "battery", OF_SERVER, SHAPED)
SETTINGS = Settings.from_environment(
    {"OPENAI_API_KEY": KEY, "E2B_API_KEY": LONGER, "PLAYBOX_SERVER_KEY": OF_SERVER}
)
TEXT = f"{LONGER} {OF_SERVER} {SHAPED}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaky(Event):
    text: str = TEXT
    several: tuple[str, ...] = (TEXT, "x")
    program: str = field(default=f"key = '{TEXT}'", metadata=CONTENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakyCall(Event):
    def operation(self) -> Operation:
        return Operation(name=f"call {TEXT}", seconds=0.1)


class Odd(Exception):
    """Cannot be told."""

    def __str__(self) -> str:
        raise RuntimeError(TEXT)


def leak(data: int, context: WorkflowContext) -> int:
    context.emit(Leaky())
    context.emit(LeakyCall())
    failure = ValueError(f"{data} {TEXT}, padded: {'.' * 3000} {TEXT}")
    failure.add_note(TEXT)
    raise failure from KeyError(TEXT)


async def leaks(*sinks: Sink) -> None:
    context = WorkflowContext(
        sinks=sinks, workflow_id=TEXT, session_id=TEXT, tenant=TEXT, correlation_id=TEXT
    )
    with pytest.raises(ValueError, match="padded"):
        await LambdaPrimitive(leak, name=f"step {TEXT}").execute(1, context)


def check(told: str) -> None:
    assert "[redacted]" in told
    assert [secret for secret in SECRETS if secret in told] == []


async def test_not_in_spans(spans: Spans) -> None:
    await leaks(OpenTelemetrySink(tracer_provider=spans.provider, settings=SETTINGS, capture_content=True))
    told = "".join(span.to_json() for span in spans.all)
    assert "key = " in told
    check(told)


async def test_not_in_lines(tmp_path: Path) -> None:
    with JsonlSink(tmp_path / "t.jsonl", settings=SETTINGS, capture_content=True) as sink:
        await leaks(sink)
    told = sink.path.read_text()
    assert "key = " in told
    check(told)


async def test_not_on_the_screen() -> None:
    file = StringIO()
    await leaks(ConsoleSink(Console(file=file, width=400), settings=SETTINGS, capture_content=True))
    check(file.getvalue())


async def test_not_in_metrics(metrics: Metrics) -> None:
    await leaks(MetricsSink(meter_provider=metrics.provider, settings=SETTINGS))
    data = metrics.reader.get_metrics_data()
    assert data is not None
    check(data.to_json())


def sinks(spans: Spans, folder: Path) -> list[Sink]:
    return [
        OpenTelemetrySink(tracer_provider=spans.provider),
        JsonlSink(folder / "t.jsonl"),
        ConsoleSink(Console(file=StringIO())),
    ]


async def test_by_default_the_secrets_are_those_of_the_environment(
    spans: Spans, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "correct horse")
    await LambdaPrimitive(str, name="correct horse").execute(
        1, WorkflowContext(sinks=(OpenTelemetrySink(tracer_provider=spans.provider),))
    )
    assert spans.names == ["[redacted]"]


async def test_what_is_long_is_cut_after_it_was_redacted(spans: Spans) -> None:
    sink = OpenTelemetrySink(tracer_provider=spans.provider, settings=SETTINGS)

    def emit(data: int, context: WorkflowContext) -> int:
        context.emit(Leaky(text="." * 505 + LONGER + "." * 5_000, several=("x" * 5_000,) * 500))
        return data

    await LambdaPrimitive(emit, name="n" * 5_000).execute(1, WorkflowContext(sinks=(sink,)))
    (span,) = spans.all
    kept = dict(span.events[0].attributes or {})
    text, several = kept["playbox.text"], kept["playbox.several"]
    assert isinstance(text, str)
    assert isinstance(several, tuple)
    assert len(text) < 1_100
    assert "corre" not in text
    assert (len(several), len(span.name) < 1_100) == (64, True)


def raising(error: Callable[[], Exception]) -> LambdaPrimitive[int, int]:
    def fail(data: int) -> int:
        del data
        raise error()

    return LambdaPrimitive(fail, name="step")


async def test_an_exception_that_cannot_be_told_ends_its_span_all_the_same(spans: Spans) -> None:
    sink = OpenTelemetrySink(tracer_provider=spans.provider, settings=SETTINGS)
    with pytest.raises(Odd):
        await raising(Odd).execute(1, WorkflowContext(sinks=(sink,)))
    assert spans.named("step").status.description == "(its message cannot be read)"


async def test_notes_quote_programs_and_so_are_content(spans: Spans) -> None:
    def noted() -> Exception:
        error = ValueError("bad")
        error.add_note("the last program:\nprint(42)")
        return error

    for content, expected in ((False, False), (True, True)):
        spans.exporter.clear()
        sink = OpenTelemetrySink(tracer_provider=spans.provider, settings=SETTINGS, capture_content=content)
        with pytest.raises(ValueError, match="bad"):
            await raising(noted).execute(1, WorkflowContext(sinks=(sink,)))
        trace = str((spans.named("step").events[0].attributes or {})["exception.stacktrace"])
        assert ("print(42)" in trace) is expected


def test_a_secret_within_another_is_replaced_with_it() -> None:
    assert SETTINGS.secrets() == (LONGER, OF_SERVER, KEY) or SETTINGS.secrets() == (OF_SERVER, LONGER, KEY)
    assert Settings(server_key=SecretStr("one")).secrets() == ("one",)


async def test_a_secret_is_known_by_its_escaped_forms_too(spans: Spans) -> None:
    odd = 'pass"w\\örd'
    settings = Settings.from_environment({"GROQ_API_KEY": odd})
    sink = OpenTelemetrySink(tracer_provider=spans.provider, settings=settings)
    forms = (odd, repr(odd), json.dumps(odd), json.dumps(odd, ensure_ascii=False))
    with pytest.raises(ValueError, match="pass"):
        await raising(lambda: ValueError(" ".join(forms))).execute(1, WorkflowContext(sinks=(sink,)))
    told = spans.named("step").status.description
    assert told == """[redacted] '[redacted]' "[redacted]" "[redacted]\""""
