"""Settings: the environment, read once into a frozen value. Nothing else here reads `os.environ`."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from itertools import filterfalse
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final
from urllib.parse import unquote

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PositiveFloat,
    SecretStr,
    ValidationError,
)

from .core.budget import Budget
from .core.errors import ConfigurationError
from .core.given import hidden_values, is_word, says_secret

PREFIX: Final = "PLAYBOX_"

CREDENTIALS: Final = (
    "ALIBABA_API_KEY",
    "ANTHROPIC_API_KEY",
    "AZURE_OPENAI_API_KEY",
    "CEREBRAS_API_KEY",
    "CO_API_KEY",
    "CRUSOE_API_KEY",
    "DASHSCOPE_API_KEY",
    "DEEPSEEK_API_KEY",
    "E2B_API_KEY",
    "FIREWORKS_API_KEY",
    "GEMINI_API_KEY",
    "GOOGLE_API_KEY",
    "GROQ_API_KEY",
    "HEROKU_INFERENCE_KEY",
    "HF_TOKEN",
    "META_API_KEY",
    "MISTRAL_API_KEY",
    "MOONSHOTAI_API_KEY",
    "NEBIUS_API_KEY",
    "OLLAMA_API_KEY",
    "OPENAI_API_KEY",
    "OPENROUTER_API_KEY",
    "OVHCLOUD_API_KEY",
    "PGPASSWORD",
    "PYDANTIC_AI_GATEWAY_API_KEY",
    "SAMBANOVA_API_KEY",
    "TOGETHER_API_KEY",
    "VERCEL_AI_GATEWAY_API_KEY",
    "VLLM_API_KEY",
    "XAI_API_KEY",
    "ZAI_API_KEY",
)
"""Variables whose values are secrets; `Settings.keys` holds those that are set."""


def _shown(keys: Mapping[str, SecretStr]) -> dict[str, str]:
    return {name: str(key) for name, key in keys.items()}


_NONE_FOUND: Mapping[str, SecretStr] = MappingProxyType({})
_Keys = Annotated[Mapping[str, SecretStr], AfterValidator(MappingProxyType), PlainSerializer(_shown)]


def _path_or_secret(value: object) -> object:
    """Return a path, or an address as a secret: it may hold a password."""
    if not isinstance(value, str):
        return value
    return SecretStr(value) if "://" in value else Path(value)


_PlaybookName = Annotated[Path | SecretStr | None, BeforeValidator(_path_or_secret)]


class Settings(BaseModel):
    """What the environment says. A field's description is the remedy that an error message gives."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    model: str | None = Field(default=None, description="a model string such as openai:NAME or replay:FILE")
    generator_model: str | None = Field(default=None, description="a model string for the generator alone")
    reflector_model: str | None = Field(default=None, description="a model string for the reflector alone")
    curator_model: str | None = Field(default=None, description="a model string for the curator alone")
    embedding_model: str | None = Field(
        default=None, description="the name of an embedding model, which then proposes what means alike"
    )
    embedding_base_url: str | None = Field(
        default=None,
        pattern="^https?://",
        description="an OpenAI-compatible URL of the embedding model, if it is not OPENAI_BASE_URL",
    )
    embedding_key: SecretStr | None = Field(
        default=None, description="the key of the embedding model, if it is not OPENAI_API_KEY"
    )
    sandbox: str = Field(default="local", description="the name of a sandbox, such as local or e2b")
    server_key: SecretStr | None = Field(
        default=None, description="a key that clients of `playbox sandbox serve` must bring"
    )
    playbook: _PlaybookName = Field(
        default=None, description="the path of a playbook file, or a postgresql:// address"
    )
    cassette: Path = Field(
        default=Path("playbox.cassette.jsonl"), description="the file that record: writes to"
    )
    adaptive_stop: Path | None = Field(
        default=None, description="a path: while a file is there, adaptive steps use their base configuration"
    )
    budget_usd: PositiveFloat | None = Field(
        default=None, allow_inf_nan=False, description="a number of US dollars above 0"
    )
    budget_tokens: int | None = Field(default=None, gt=0, description="a whole number of tokens above 0")
    budget_calls: int | None = Field(default=None, gt=0, description="a whole number of model calls above 0")
    timeout_s: PositiveFloat = Field(
        default=600.0, allow_inf_nan=False, description="a number of seconds above 0 for one model call"
    )
    trace: bool = Field(default=False, description="1 to keep a trace of every run, or 0")
    trace_folder: Path = Field(
        default=Path(".playbox/traces"), description="the folder that traces are kept in"
    )
    trace_content: bool = Field(
        default=False, description="1 to keep prompts, programs and guest output in traces too, or 0"
    )
    openai_base_url: str | None = Field(
        default=None,
        pattern="^https?://",
        description="an OpenAI-compatible URL, such as http://localhost:8000/v1",
    )
    anthropic_base_url: str | None = Field(
        default=None,
        pattern="^https?://",
        description="the http:// or https:// URL of an Anthropic-compatible API",
    )
    ollama_base_url: str = Field(
        default="http://localhost:11434/v1",
        pattern="^https?://",
        description="such as http://localhost:11434/v1",
    )
    keys: _Keys = Field(default_factory=lambda: _NONE_FOUND, description="a provider's key")
    others: tuple[SecretStr, ...] = Field(
        default=(), repr=False, description="values of variables of other programs whose names say secret"
    )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Return the settings in `environ` (default: of the process); an empty value counts as unset.

        Raises:
            ConfigurationError: a value does not fit its variable, or a PLAYBOX_ variable is unknown.
        """
        given = {name: text for name, text in (os.environ if environ is None else environ).items() if text}
        _refuse_unknown(given)
        values: dict[str, object] = {
            field: given[variable] for field, variable in VARIABLES.items() if variable in given
        }
        keys = {name: SecretStr(given[name]) for name in CREDENTIALS if name in given}
        try:
            return cls.model_validate({**values, "keys": keys, "others": _others(given)})
        except ValidationError as error:
            raise _wrong_value(error, given) from None

    def key(self, *names: str) -> SecretStr | None:
        """Return the first of these credentials that is set."""
        return next((self.keys[name] for name in names if name in self.keys), None)

    def secrets(self) -> tuple[str, ...]:
        """Return the values of all credentials, the longest first, as one may be part of another.

        They are the keys of providers, of our server and of an embedding model, passwords in URLs, and what
        other variables hold whose names say secret, such as `DB_PASSWORD`: a program or a trace may show any.
        """
        own = (self.server_key, self.embedding_key)
        known = (*self.keys.values(), *(key for key in own if key is not None), *self.others)
        values = {secret.get_secret_value() for secret in known}
        address = self.playbook.get_secret_value() if isinstance(self.playbook, SecretStr) else None
        urls = (*(getattr(self, field) for field in (*_UNPREFIXED, "embedding_base_url")), address)
        values |= {form for url in urls for form in _passwords(url)}
        return tuple(sorted(filterfalse(is_word, values), key=len, reverse=True))

    def budget(self) -> Budget | None:
        """Return a fresh account with the limits set here, or None if there are none."""
        if self.budget_usd is self.budget_tokens is self.budget_calls is None:
            return None
        return Budget(usd=self.budget_usd, tokens=self.budget_tokens, calls=self.budget_calls)


def secrets_of_environment(environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return what `Settings.secrets` would, of an environment whose other values may be wrong."""
    given = {name: text for name, text in (os.environ if environ is None else environ).items() if text}
    ours = [given[name] for name in (*CREDENTIALS, VARIABLES["server_key"]) if name in given]
    in_urls = (form for value in given.values() for form in _passwords(value))
    foreign = (value.get_secret_value() for value in _others(given))
    return tuple(dict.fromkeys(filterfalse(is_word, (*ours, *in_urls, *foreign))))


_NO_VARIABLES: Final = ("keys", "others")
_UNPREFIXED: Final = ("openai_base_url", "anthropic_base_url", "ollama_base_url")
VARIABLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        field: field.upper() if field in _UNPREFIXED else PREFIX + field.upper()
        for field in Settings.model_fields
        if field not in _NO_VARIABLES
    }
)
"""Field of `Settings` to the variable it is read from."""


_PASSWORD: Final = re.compile(r"[a-z0-9+.-]*://[^/?#]*?:(?P<password>[^/?#]+)@", re.IGNORECASE)
_PARAMETER: Final = re.compile(r"[?&](?:ssl)?password=([^&#]+)", re.IGNORECASE)
_SECRET_NAME: Final = re.compile("KEY|TOKEN|SECRET|PASS")


def _passwords(url: str | None) -> tuple[str, ...]:
    """Return the passwords in a URL, as written and as meant."""
    before_host = _PASSWORD.match(url or "")
    written = [*_PARAMETER.findall(url or ""), *([before_host["password"]] if before_host else [])]
    return tuple(form for password in written for form in (password, unquote(password)))


def _others(given: Mapping[str, str]) -> tuple[SecretStr, ...]:
    """Return what is secret of variables that are none of ours, and passwords in the URLs of any."""
    ours = {*CREDENTIALS, *VARIABLES.values()}
    foreign = {
        name: value for name, value in given.items() if name not in ours and not name.startswith(PREFIX)
    }
    named = {name: value for name, value in foreign.items() if says_secret(name)}
    passwords = (form for name in foreign.keys() - named.keys() for form in _passwords(foreign[name]))
    return tuple(map(SecretStr, dict.fromkeys((*hidden_values(named, of_host=True), *passwords))))


def _quoted(name: str, value: str) -> str:
    """Return a setting as an error quotes it, without a password in a URL."""
    for password in _passwords(value):
        value = value.replace(password, "[redacted]")
    return f"{name}={value!r}"


def _refuse_unknown(given: Mapping[str, str]) -> None:
    """A misspelt PLAYBOX_BUDGET_USD must not mean "no budget"."""
    known = tuple(VARIABLES.values())
    for name in sorted(given):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(known))}"
            quoted = name if _SECRET_NAME.search(name) else _quoted(name, given[name])
            raise ConfigurationError(f"{quoted} is not a setting; {hint}")


def _wrong_value(error: ValidationError, given: Mapping[str, str]) -> ConfigurationError:
    first = error.errors(include_url=False)[0]
    field = str(first["loc"][0])
    variable = VARIABLES[field]
    expected = Settings.model_fields[field].description
    return ConfigurationError(
        f"{_quoted(variable, given[variable])} cannot be used ({first['msg']}); "
        f"set it to {expected}, or unset it"
    )
