"""Model strings, and what is said when one cannot be used."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest
from pydantic_ai.models import known_model_names
from pydantic_ai.models.test import TestModel as OfPydanticAI
from pydantic_ai.providers import infer_provider_class

from tests.llm.questions import question
from tta_dev_primitives.core import WorkflowContext
from tta_dev_primitives.core.errors import CassetteError, ConfigurationError
from tta_dev_primitives.llm import (
    AnyModel,
    Recording,
    Role,
    RoleModels,
    connect,
    connect_roles,
    describe_providers,
    parse_model,
)
from tta_dev_primitives.llm.providers import PROVIDERS
from tta_dev_primitives.settings import CREDENTIALS, Settings
from tta_dev_primitives.testing import ScriptedModel

NOTHING = Settings()
KEYS = Settings.from_environment({"OPENAI_API_KEY": "sk-openai", "ANTHROPIC_API_KEY": "sk-anthropic"})


@pytest.mark.parametrize(
    ("text", "provider", "name"),
    [
        ("openai:gpt-x", "openai", "gpt-x"),
        ("openai/gpt-x", "openai", "gpt-x"),
        (" anthropic:claude-x ", "anthropic", "claude-x"),
        ("anthropic/claude-x", "anthropic", "claude-x"),
        ("google-gla:gemini-x", "google", "gemini-x"),
        ("google:gemini-x", "google", "gemini-x"),
        ("google-vertex:gemini-x", "google-cloud", "gemini-x"),
        ("openrouter:vendor/model", "openrouter", "vendor/model"),
        ("openrouter/vendor/model:free", "openrouter", "vendor/model:free"),
        ("openrouter:openai/gpt-x:free", "openrouter", "openai/gpt-x:free"),
        ("groq:openai/gpt-oss", "groq", "openai/gpt-oss"),
        ("ollama:qwen3:8b", "ollama", "qwen3:8b"),
        ("ollama/qwen3:8b", "ollama", "qwen3:8b"),
        ("gateway/openai:gpt-x", "gateway/openai", "gpt-x"),
        ("replay:some/file.jsonl", "replay", "some/file.jsonl"),
        ("replay:C:\\some\\file.jsonl", "replay", "C:\\some\\file.jsonl"),
        ("record:openai:gpt-x", "record", "openai:gpt-x"),
    ],
)
def test_model_strings(text: str, provider: str, name: str) -> None:
    parsed = parse_model(text)
    assert (parsed.provider, parsed.name) == (provider, name)
    assert parse_model(str(parsed)) == parsed


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "PROVIDER:NAME"),
        ("gpt-x", "such as openai:gpt-x"),
        ("openai:", "no name"),
        ("replay:", "no name"),
        ("opnai:gpt-x", "did you mean 'openai'"),
        ("nobody/model", "unknown provider 'nobody'"),
        ("replay/file", "unknown provider 'replay'"),
        ("replay/file", "replay:FILE"),
    ],
)
def test_what_is_no_model_string(text: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        parse_model(text)
    assert words in str(error.value)


def test_the_table_agrees_with_pydantic_ai() -> None:
    known = known_model_names()
    named = {name.partition(":")[0] for name in known}
    for provider in PROVIDERS.values():
        assert set(provider.keys) <= set(CREDENTIALS)
        assert provider.name not in named or provider.model in known, provider.model
        if provider.installed() and provider.package in {"openai", "anthropic"}:
            assert infer_provider_class(provider.name)


@pytest.mark.parametrize(
    "model", [provider.model for provider in PROVIDERS.values() if provider.package == "openai"]
)
def test_every_openai_like_provider_can_be_connected(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AZURE_OPENAI_ENDPOINT": "http://127.0.0.1:1",
        "AZURE_OPENAI_API_KEY": "k",
        "OPENAI_API_VERSION": "1",
        "VLLM_BASE_URL": "http://127.0.0.1:1",
        "PYDANTIC_AI_GATEWAY_API_KEY": "k",
        "PYDANTIC_AI_GATEWAY_BASE_URL": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, value)
    settings = Settings.from_environment(dict.fromkeys(CREDENTIALS, "k"))
    assert connect(model, settings).name == model


def test_a_missing_key_says_what_to_set() -> None:
    with pytest.raises(ConfigurationError) as error:
        connect("openai:gpt-x", NOTHING)
    for words in ("'openai:gpt-x'", "OPENAI_API_KEY", "OPENAI_BASE_URL", "replay:FILE"):
        assert words in str(error.value)
    with pytest.raises(ConfigurationError, match="ANTHROPIC_API_KEY"):
        connect("anthropic:claude-x", NOTHING)


def test_a_missing_package_names_its_extra() -> None:
    if PROVIDERS["mistral"].installed():
        pytest.skip("mistralai is installed here")
    with pytest.raises(ConfigurationError, match=r'pip install "pydantic-ai-slim\[mistral\]"'):
        connect("mistral:codestral-latest", NOTHING)


def test_a_missing_setting_beside_the_key_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VLLM_BASE_URL", raising=False)
    with pytest.raises(ConfigurationError, match="VLLM_BASE_URL"):
        connect("vllm:some-model", NOTHING)


def test_what_is_no_model_at_all() -> None:
    with pytest.raises(ConfigurationError, match="42 is not a model"):
        connect(cast("AnyModel", 42), NOTHING)


async def test_models_of_pydantic_ai_and_our_own_can_be_passed() -> None:
    scripted = ScriptedModel({})
    assert connect(scripted, NOTHING) is scripted
    model = connect(OfPydanticAI(custom_output_args={"code": "x"}), NOTHING)
    reply = await model.ask(question(), WorkflowContext())
    assert (reply.output.code, model.name) == ("x", "test:test")


def test_replay_and_record(tmp_path: Path) -> None:
    with pytest.raises(CassetteError, match="no cassette"):
        connect(f"replay:{tmp_path / 'none.jsonl'}", NOTHING)
    settings = Settings.from_environment(
        {"OPENAI_API_KEY": "k", "PLAYBOX_CASSETTE": str(tmp_path / "tape.jsonl")}
    )
    model = connect("record:openai:gpt-x", settings)
    assert isinstance(model, Recording)
    assert model.name == "record:openai:gpt-x"
    for recorded in ("replay:tape.jsonl", "record:openai:gpt-x"):
        with pytest.raises(ConfigurationError, match="would record a recording"):
            connect(f"record:{recorded}", settings)


def test_each_role_may_have_its_model() -> None:
    shared, own = ScriptedModel({}, name="shared"), ScriptedModel({}, name="own")
    models = connect_roles(shared, {"curator": own}, NOTHING)
    assert [model.name for model in models.values()] == ["shared", "shared", "own"]
    assert connect_roles(None, dict.fromkeys(Role, own), NOTHING)[Role.CURATOR] is own


def test_models_of_roles_may_be_held_in_variables() -> None:
    shared, own = ScriptedModel({}, name="shared"), ScriptedModel({}, name="own")
    by_role = {Role.REFLECTOR: own, Role.CURATOR: own}
    by_name = {"reflector": own, "curator": own}
    by_either: Mapping[Role | str, AnyModel] = {Role.REFLECTOR: own, "curator": own}
    optional: RoleModels | None = by_role
    for models in (
        connect_roles(shared, by_role, NOTHING),
        connect_roles(shared, by_name, NOTHING),
        connect_roles(shared, by_either, NOTHING),
        connect_roles(shared, {Role.REFLECTOR: own, "curator": own}, NOTHING),
        connect_roles(shared, optional, NOTHING),
    ):
        assert [model.name for model in models.values()] == ["shared", "own", "own"]


def test_settings_name_the_models_and_equal_names_share_one() -> None:
    settings = KEYS.model_copy(update={"model": "openai:gpt-x", "reflector_model": "anthropic:claude-x"})
    models = connect_roles(None, None, settings)
    assert [model.name for model in models.values()] == [
        "openai:gpt-x",
        "anthropic:claude-x",
        "openai:gpt-x",
    ]
    assert models[Role.GENERATOR] is models[Role.CURATOR]


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="'critic' is not a role; roles are generator"):
        connect_roles(None, {"critic": "openai:gpt-x"}, KEYS)


def test_no_model_anywhere_lists_what_can_be_set() -> None:
    with pytest.raises(ConfigurationError) as error:
        connect_roles(None, None, KEYS)
    message = str(error.value)
    for words in (
        "PLAYBOX_MODEL",
        "OPENAI_API_KEY is set: PLAYBOX_MODEL=openai:",
        "ANTHROPIC_API_KEY is set: PLAYBOX_MODEL=anthropic:",
        "OPENAI_BASE_URL=http://localhost:8000/v1 PLAYBOX_MODEL=openai:NAME",
        "replay:FILE",
    ):
        assert words in message
    assert "sk-" not in message
    with pytest.raises(ConfigurationError, match="no provider's key was found"):
        connect_roles(None, None, NOTHING)
    with pytest.raises(ConfigurationError, match="configured for the generator"):
        connect_roles(None, {"curator": ScriptedModel({})}, NOTHING)


def test_providers_are_described() -> None:
    described = {status.name: status for status in describe_providers(KEYS)}
    assert described["openai"].ready
    assert described["openai"].key == "OPENAI_API_KEY"
    assert not described["deepseek"].ready
    assert described["ollama"].ready
    local = Settings(openai_base_url="http://localhost:8000/v1")
    assert next(iter(describe_providers(local))).ready
    with pytest.raises(ConfigurationError, match="OPENAI_BASE_URL=http://localhost:8000/v1 is set"):
        connect_roles(None, None, local)


def test_importing_loads_no_provider_sdk() -> None:
    program = (
        "import sys, tta_dev_primitives.llm, tta_dev_primitives.testing\n"
        "from tta_dev_primitives.llm import parse_model; parse_model('openai:x')\n"
        "print(*sorted({'pydantic_ai', 'openai', 'anthropic', 'genai_prices'} & set(sys.modules)))"
    )
    path = ":".join(sys.path)
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={"PYTHONPATH": path}
    )
    assert done.stdout.strip() == ""
