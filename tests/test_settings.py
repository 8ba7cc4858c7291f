"""The environment is read once; wrong values are named, secrets never shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from tta_dev_primitives.core.errors import ConfigurationError
from tta_dev_primitives.settings import VARIABLES, Settings


def test_defaults() -> None:
    settings = Settings.from_environment({})
    assert settings == Settings()
    assert settings.model is None
    assert settings.sandbox == "local"
    assert settings.playbook is None
    assert settings.cassette == Path("playbox.cassette.jsonl")
    assert settings.budget() is None
    assert settings.key("OPENAI_API_KEY") is None


def test_everything_is_read() -> None:
    settings = Settings.from_environment(
        {
            "PLAYBOX_MODEL": "openai:gpt-x",
            "PLAYBOX_GENERATOR_MODEL": "anthropic:claude-x",
            "PLAYBOX_SANDBOX": "e2b",
            "PLAYBOX_PLAYBOOK": "book.db",
            "PLAYBOX_BUDGET_USD": "1.5",
            "PLAYBOX_BUDGET_TOKENS": "20000",
            "PLAYBOX_BUDGET_CALLS": "7",
            "OPENAI_BASE_URL": "http://localhost:8000/v1",
            "OPENAI_API_KEY": "sk-secret",
            "HOME": "/nowhere",
        }
    )
    assert (settings.model, settings.generator_model) == ("openai:gpt-x", "anthropic:claude-x")
    assert (settings.sandbox, settings.playbook) == ("e2b", Path("book.db"))
    assert settings.openai_base_url == "http://localhost:8000/v1"
    key = settings.key("MISSING", "OPENAI_API_KEY")
    assert key is not None
    assert key.get_secret_value() == "sk-secret"
    budget = settings.budget()
    assert budget is not None
    assert (budget.usd, budget.tokens, budget.calls) == (1.5, 20_000, 7)


def test_traces_are_kept_where_the_environment_says_so() -> None:
    settings = Settings.from_environment(
        {"PLAYBOX_TRACE": "1", "PLAYBOX_TRACE_FOLDER": "elsewhere", "PLAYBOX_TRACE_CONTENT": "0"}
    )
    assert (settings.trace, settings.trace_folder, settings.trace_content) == (True, Path("elsewhere"), False)
    assert (Settings().trace, Settings().trace_folder) == (False, Path(".playbox/traces"))
    with pytest.raises(ConfigurationError, match="PLAYBOX_TRACE='maybe' cannot be used"):
        Settings.from_environment({"PLAYBOX_TRACE": "maybe"})


def test_all_secrets_are_known_the_longest_first() -> None:
    settings = Settings.from_environment(
        {"OPENAI_API_KEY": "sk-1", "GROQ_API_KEY": "sk-1", "E2B_API_KEY": "sk-123", "PLAYBOX_SERVER_KEY": "k"}
    )
    assert settings.secrets() == ("sk-123", "sk-1", "k")
    assert Settings().secrets() == ()


def test_the_process_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYBOX_MODEL", "replay:tape.jsonl")
    assert Settings.from_environment().model == "replay:tape.jsonl"


def test_an_empty_value_counts_as_unset() -> None:
    assert Settings.from_environment(dict.fromkeys(VARIABLES.values(), "")) == Settings()


@pytest.mark.parametrize(
    ("variable", "value", "remedy"),
    [
        ("PLAYBOX_BUDGET_USD", "abc", "US dollars above 0"),
        ("PLAYBOX_BUDGET_USD", "-1", "US dollars above 0"),
        ("PLAYBOX_BUDGET_USD", "nan", "US dollars above 0"),
        ("PLAYBOX_BUDGET_USD", "inf", "US dollars above 0"),
        ("PLAYBOX_BUDGET_TOKENS", "1.5", "whole number of tokens"),
        ("PLAYBOX_BUDGET_TOKENS", "0", "whole number of tokens"),
        ("PLAYBOX_BUDGET_CALLS", "many", "whole number of model calls"),
        ("PLAYBOX_TIMEOUT_S", "0", "seconds above 0"),
        ("OPENAI_BASE_URL", "localhost:8000", "http://localhost:8000/v1"),
    ],
)
def test_a_wrong_value_is_named_with_its_variable_and_remedy(variable: str, value: str, remedy: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        Settings.from_environment({variable: value})
    assert f"{variable}={value!r}" in str(error.value)
    assert remedy in str(error.value)


def test_a_misspelt_variable_is_not_ignored() -> None:
    with pytest.raises(ConfigurationError, match="did you mean PLAYBOX_BUDGET_USD"):
        Settings.from_environment({"PLAYBOX_BUGDET_USD": "1"})
    with pytest.raises(ConfigurationError, match=r"known are .*PLAYBOX_BUDGET_CALLS"):
        Settings.from_environment({"PLAYBOX_XYZZY": "1"})


def test_secrets_are_never_shown() -> None:
    settings = Settings.from_environment({"OPENAI_API_KEY": "sk-secret", "HF_TOKEN": "hf-secret"})
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert "secret" not in shown.replace("SecretStr", "")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PLAYBOX_SERVR_KEY", "s3cret"),
        ("PLAYBOX_OPENAI_API_KEY", "s3cret"),
        ("PLAYBOX_MODLE", "http://user:s3cret@host/v1"),
        ("OPENAI_BASE_URL", "ftp://user:s3cret@host/v1"),
    ],
)
def test_an_error_does_not_show_a_secret_that_was_set_wrongly(variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=variable) as error:
        Settings.from_environment({variable: value})
    assert "s3cret" not in str(error.value)


def test_a_password_in_a_url_is_a_secret() -> None:
    settings = Settings.from_environment({"OPENAI_BASE_URL": "http://user:s3%40cret@host/v1"})
    assert set(settings.secrets()) == {"s3%40cret", "s3@cret"}


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        Settings().model = "openai:gpt-x"
    with pytest.raises(TypeError):
        Settings().keys["OPENAI_API_KEY"] = "x"  # type: ignore[index]


def test_the_key_and_the_password_of_the_embedding_model_are_secrets() -> None:
    settings = Settings.from_environment(
        {
            "PLAYBOX_EMBEDDING_MODEL": "small",
            "PLAYBOX_EMBEDDING_BASE_URL": "http://user:in-the-url@localhost:8000/v1",
            "PLAYBOX_EMBEDDING_KEY": "its-own-key",
        }
    )
    assert settings.embedding_model == "small"
    assert set(settings.secrets()) == {"in-the-url", "its-own-key"}


def test_a_playbook_on_a_server_is_a_secret() -> None:
    address = "postgresql://user:c4n%2Fary@host/db?playbook=a&sslpassword=0ther1"
    settings = Settings.from_environment({"PLAYBOX_PLAYBOOK": address, "PGPASSWORD": "th1rd1"})
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert "ary" not in shown
    assert isinstance(settings.playbook, SecretStr)
    assert settings.playbook.get_secret_value() == address
    assert {"c4n%2Fary", "c4n/ary", "0ther1", "th1rd1"} <= set(settings.secrets())
