"""Secrets that a run is given are printed, raised and repeated in each form; nothing of it holds one."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import BaseModel, JsonValue
from rich.console import Console

from tests.core.test_secrets import FORMS
from tta_dev_primitives import WorkflowContext
from tta_dev_primitives.ace import SelfLearningCodePrimitive
from tta_dev_primitives.ace.exchange import export_bullets
from tta_dev_primitives.ace.options import AceOptions, Reflect
from tta_dev_primitives.ace.store import Commit, Committed
from tta_dev_primitives.core.errors import StoreUnavailable
from tta_dev_primitives.core.secrets import REDACTED
from tta_dev_primitives.llm.cassette import Recording
from tta_dev_primitives.llm.types import Request, Role
from tta_dev_primitives.observability import ConsoleSink, JsonlSink, OpenTelemetrySink
from tta_dev_primitives.sandbox import CodeExecutionPrimitive, Sandbox, WithEnvs
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import MemoryStore, ScriptedModel

CANARIES: Mapping[str, str] = {
    "DB_PASSWORD": "hunter2-not-a-pattern",
    "REGION": "north-by-west-7",
    "ODD": "a+b/c==?&<>d'e\"f",
    "DSN": "postgres://svc:S3cr3tPw0rd@db.internal:5432/app",
    "UNICODE": "schlüssel-zum-glück",
}
VALUES = (*CANARIES.values(), "S3cr3tPw0rd")
LINES = [f"{form}: {hide(value)}" for value in VALUES for form, hide in FORMS.items()]
PRINTING = f"""
import base64, os, sys
for name in {sorted(CANARIES)!r}:
    value = os.environ[name]
    data = value.encode()
    print(name, value, repr(value), value[::-1], value.upper(), data.hex(), data.hex(":"), list(data))
    for before in (b"", b"x", b"xy"):
        print(base64.b64encode(before + data).decode())
        print(base64.urlsafe_b64encode(before + data + b"!").decode())
    for at in range(0, 40, 7):
        print(base64.encodebytes(data).decode()[at : at + 7], file=sys.stderr)
    print("." * 700, value, "." * 700, value)
"""
FAILING = f"{PRINTING}\nraise ValueError(' '.join(os.environ.values()) * 30)"


def telling(request: Request[BaseModel]) -> dict[str, JsonValue]:
    """A model that knows all the secrets and repeats them wherever it can put text."""
    if request.role is Role.GENERATOR:
        comments = "\n".join(f"# {json.dumps(line)}" for line in LINES)
        last = FAILING if request.attempt == 1 else "print(42)"
        return {"plan": " ".join(VALUES), "code": f"{comments}\n{last}", "strategies": list(VALUES)}
    if request.role is Role.REFLECTOR:
        words: list[JsonValue] = [value[:100] for value in VALUES]
        insights: list[JsonValue] = [
            {
                "kind": "rule",
                "content": f"Number {number}: connect with {line}"[:480],
                "keywords": words[:3],
                "libraries": [f"lib {words[0]}"],
                "error_signatures": [str(words[1])],
            }
            for number, line in enumerate(LINES[:: len(LINES) // 5][:5])
        ]
        tags: list[JsonValue] = [{"strategy": value[:100], "tag": "helpful"} for value in VALUES]
        return {"diagnosis": " ".join(VALUES), "insights": insights, "tags": tags}
    return {"decisions": [{"insight": 1, "action": "merge", "strategy": "1", "content": VALUES[0]}]}


def leaks(text: str) -> list[str]:
    """The forms of secrets that stand in `text`."""
    encoded = [base64.b64encode(value.encode()).decode().rstrip("=") for value in VALUES]
    forms = {hide(value) for value in VALUES for hide in FORMS.values()} | {*encoded}
    lowered = text.lower()
    return sorted(form for form in forms if form.lower() in lowered)


def left_in(folder: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            yield file.name, file.read_bytes().decode("utf-8", "replace")


@pytest.mark.parametrize("name", ["playbook.db", "playbook.json"])
async def test_nothing_that_a_run_leaves_or_sends_holds_a_secret(
    tmp_path: Path, sandbox: Sandbox, name: str
) -> None:
    spans, screen = InMemorySpanExporter(), StringIO()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    model = ScriptedModel(telling)
    settings = Settings()
    with JsonlSink(tmp_path / "trace.jsonl", settings=settings, capture_content=True) as lines:
        sinks = (
            lines,
            OpenTelemetrySink(tracer_provider=provider, settings=settings, capture_content=True),
            ConsoleSink(Console(file=screen, width=400), settings=settings, capture_content=True),
        )
        async with SelfLearningCodePrimitive(
            tmp_path / name,
            model=Recording(model, tmp_path / "cassette.jsonl"),
            sandbox=sandbox,
            envs=CANARIES,
            settings=settings,
        ) as learner:
            task = {"task": "Print 42.", "context": f"The password is {VALUES[0]}.", "expected_output": "42"}
            result = await learner.execute({**task, "max_iterations": 2}, WorkflowContext(sinks=sinks))
            exported = [export_bullets(learner.playbook, form) for form in ("json", "markdown", "text")]

    assert result.attempts == 2, "it failed, and then was judged on what it really printed"
    assert result.execution_success
    assert result.strategies_learned, "what was learned stays, without the secrets"
    sent = [request.prompt for request in model.requests]
    assert any(REDACTED in prompt for prompt in sent)
    told = {
        **dict(left_in(tmp_path)),
        **{f"prompt {number}": prompt for number, prompt in enumerate(sent)},
        **{f"export {number}": text for number, text in enumerate(exported)},
        "spans": " ".join(span.to_json() for span in spans.get_finished_spans()),
        "screen": screen.getvalue(),
        "summary": f"{result.learning_summary} {result.feedback} {result.learned}",
    }
    assert {"cassette.jsonl", "trace.jsonl", name} <= {*told}
    assert all(REDACTED in told[kept] for kept in ("cassette.jsonl", "trace.jsonl", "spans", name))
    assert {place: leaks(text) for place, text in told.items() if leaks(text)} == {}


async def test_a_program_is_judged_by_what_it_printed_and_told_without(sandbox: Sandbox) -> None:
    model = ScriptedModel({Role.GENERATOR: [{"plan": "", "code": "import os\nprint(os.environ['REGION'])"}]})
    async with SelfLearningCodePrimitive(
        model=model,
        sandbox=sandbox,
        envs=CANARIES,
        store=MemoryStore(),
        settings=Settings(),
        options=AceOptions(reflect=Reflect.NEVER),
    ) as learner:
        asked = {"task": "Print REGION.", "expected_output": CANARIES["REGION"], "max_iterations": 1}
        result = await learner.execute(asked, WorkflowContext())
    assert result.execution_success
    assert result.result.strip() == CANARIES["REGION"], "who gave it may see it"


class Full(MemoryStore):
    """Takes nothing."""

    async def commit(self, commit: Commit) -> Committed:
        raise StoreUnavailable(f"no room for {commit.run_id}")


async def test_the_note_of_an_error_quotes_the_program_without(sandbox: Sandbox) -> None:
    model = ScriptedModel({Role.GENERATOR: [{"plan": "", "code": f"print({VALUES[0]!r})"}]})
    async with SelfLearningCodePrimitive(
        model=model, sandbox=sandbox, envs=CANARIES, store=Full(), settings=Settings()
    ) as learner:
        with pytest.raises(StoreUnavailable) as caught:
            await learner.execute({"task": "Print.", "max_iterations": 1}, WorkflowContext())
    assert REDACTED in " ".join(caught.value.__notes__)
    assert leaks(" ".join(caught.value.__notes__)) == []


async def test_what_one_step_was_given_later_steps_do_not_tell(tmp_path: Path, sandbox: Sandbox) -> None:
    """An environment is given to a run of code; its output goes on, into a learner."""
    model = ScriptedModel(telling)
    with JsonlSink(tmp_path / "trace.jsonl", settings=Settings(), capture_content=True) as lines:
        context = WorkflowContext(sinks=(lines,))
        ran = await CodeExecutionPrimitive(sandbox).execute(
            {"code": "import os\nprint(os.environ['DB_PASSWORD'])", "env_vars": dict(CANARIES)}, context
        )
        assert ran.output.strip() == CANARIES["DB_PASSWORD"], "the step itself gives what was printed"
        async with SelfLearningCodePrimitive(
            tmp_path / "playbook.db", model=model, sandbox=sandbox, settings=Settings()
        ) as learner:
            await learner.execute({"task": f"Use {ran.output}", "max_iterations": 2}, context)
    told = {**dict(left_in(tmp_path)), "prompts": " ".join(request.prompt for request in model.requests)}
    assert {place: leaks(text) for place, text in told.items() if leaks(text)} == {}


async def test_a_sandbox_with_an_environment_gives_it_and_hides_it(sandbox: Sandbox) -> None:
    place = WithEnvs(sandbox, CANARIES)
    assert leaks(repr(place)) == []
    shown = await place.run_code(
        "import os\nprint(os.environ['REGION'], os.environ['ODD'])", envs={"ODD": "mine"}
    )
    assert shown.stdout == f"{CANARIES['REGION']} mine\n"
    assert (place.isolation, place.languages) == (sandbox.isolation, sandbox.languages)
