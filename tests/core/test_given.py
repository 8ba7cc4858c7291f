"""Which values of an environment nobody may be told."""

from __future__ import annotations

import pytest

from tta_dev_primitives.core.given import hidden_values, says_secret
from tta_dev_primitives.settings import Settings, secrets_of_environment

SECRET = (
    *("DB_PASSWORD", "OPENAI_KEY", "API_KEYS", "APIKEY", "GH_TOKEN", "SENTRY_DSN", "PASSWORD1", "MYSQL_PWD"),
    *(
        "AWS_SECRET_ACCESS_KEY",
        "npm_token",
        "GOOGLE_CREDENTIALS",
        "SMTP_PASS",
        "SLACK_WEBHOOK",
        "SESSION_COOKIE",
    ),
)
PLAIN = (
    "PATH",
    "PWD",
    "OLDPWD",
    "HOME",
    "KEYBOARD",
    "TOKENIZERS_PARALLELISM",
    "AUTHOR",
    "PASSENGERS",
    "REGION",
)
ORDINARY = {
    "MODE_OF_WORK": "production",
    "SHARE": "/usr/share/dict",
    "SEARCHED": "/usr/local/bin:/usr/bin:/bin",
    "MOST_ROWS": "1000000",
    "RATE": "0.000125",
    "LANG": "de_DE.UTF-8",
    "PATH": "/opt/odd place/bin",
}


@pytest.mark.parametrize("name", SECRET)
def test_names_that_say_secret(name: str) -> None:
    assert says_secret(name)


@pytest.mark.parametrize("name", PLAIN)
def test_names_that_do_not(name: str) -> None:
    assert not says_secret(name)


def test_of_what_a_run_is_given_all_but_the_plainly_ordinary_is_hidden() -> None:
    assert hidden_values(ORDINARY) == ()
    given = {
        "REGION": "north-by-west",
        "MODE": "x1-canary",
        "HOME": "hunter2-x",
        "USER": "somebody",
        "GREETING": "bonjour",
        "ID": "1234567890",
        "CACHE": "/var/x/3f2a",
    }
    assert hidden_values(given) == tuple(given.values())


def test_under_a_secrets_name_the_ordinary_is_hidden_too() -> None:
    assert hidden_values({"DB_PASSWORD": "production", "API_KEY": "1000000"}) == ("production", "1000000")
    host = {"DB_PASSWORD": "123456789", "MAX_TOKENS": "1000000", "POSTGRES_PASSWORD": "postgres"}
    assert hidden_values(host, of_host=True) == ("123456789",)
    assert hidden_values({"SSH_AUTH_SOCK": "/tmp/agent"}, of_host=True) == ()  # noqa: S108  # a path


def test_the_password_of_an_address_is_hidden_by_itself() -> None:
    address = "postgres://svc:p%40ss@host/db"
    assert hidden_values({"ADDRESS": address}) == (address, "p%40ss", "p@ss")


def test_settings_know_what_other_variables_hide() -> None:
    environment = {
        "DB_PASSWORD": "hunter2-not-a-pattern",
        "HOME": "/home/user",
        "REGION": "north-by-west",
        "STORE_URL": "redis://:S3cr3t-x@cache/0",
        "GROQ_API_KEY": "correct horse",
    }
    settings = Settings.from_environment(environment)
    assert set(settings.secrets()) == {"hunter2-not-a-pattern", "S3cr3t-x", "correct horse"}
    assert set(secrets_of_environment({**environment, "PLAYBOX_BUDGET_USD": "a lot"})) == set(
        settings.secrets()
    )
    assert Settings.from_environment({"OLLAMA_API_KEY": "ollama"}).secrets() == (), "it stands in for a key"
    assert "hunter2" not in repr(settings) + settings.model_dump_json()
