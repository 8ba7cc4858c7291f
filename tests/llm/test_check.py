"""`playbox models check` reports, and never raises an error of ours."""

from __future__ import annotations

from pathlib import Path

from tests.llm.provider_server import failure, openai_answer, provider_server
from tests.llm.questions import question
from tta_dev_primitives.core import WorkflowContext
from tta_dev_primitives.core.errors import CassetteError, ConfigurationError, ModelRejected
from tta_dev_primitives.llm import Origin, Recording, Role, check_model
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import ScriptedModel


async def test_a_model_that_answers_is_ok() -> None:
    with provider_server(openai_answer({"sum": 5})) as provider:
        settings = Settings(openai_base_url=f"{provider.url}/v1")
        check = await check_model("openai:local-model", settings)
    assert check.ok
    assert check.usage.calls == 1
    assert check.source is not None
    assert check.source.origin is Origin.LIVE
    assert check.seconds > 0


async def test_a_model_that_refuses_is_reported() -> None:
    with provider_server(failure(401)) as provider:
        settings = Settings(openai_base_url=f"{provider.url}/v1")
        check = await check_model("openai:local-model", settings)
    assert not check.ok
    assert isinstance(check.error, ModelRejected)


async def test_a_string_that_cannot_be_used_is_reported() -> None:
    check = await check_model("openai:gpt-x", Settings())
    assert isinstance(check.error, ConfigurationError)


async def test_a_recording_is_read_and_not_asked(tmp_path: Path) -> None:
    tape = tmp_path / "tape.jsonl"
    missing = await check_model(f"replay:{tape}", Settings())
    assert isinstance(missing.error, CassetteError)
    model = Recording(ScriptedModel({Role.GENERATOR: [{"code": "x"}]}, name="a-model"), tape)
    await model.ask(question(), WorkflowContext())
    check = await check_model(f"replay:{tape}", Settings())
    assert check.ok
    assert check.source is not None
    assert check.source.model == "a-model"
