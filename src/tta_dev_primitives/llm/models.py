"""From a model string to a `LanguageModel`; importing this loads neither pydantic-ai nor a provider's SDK."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias, TypeGuard

from ..core.errors import ConfigurationError
from ..core.redaction import redact
from ..core.secrets import Secrets
from ..settings import Settings
from .cassette import Recording, Replay
from .price import Price
from .providers import ALIASES, PROVIDERS, Provider
from .types import LanguageModel, Role

if TYPE_CHECKING:  # pydantic-ai takes about a second to import; only its type is named here
    from pydantic_ai.models import Model

AnyModel: TypeAlias = "str | LanguageModel | Model"
"""How a user may name a model: a string, one of our models, or any model of pydantic-ai."""

RoleModels: TypeAlias = "Mapping[Role, AnyModel] | Mapping[str, AnyModel] | Mapping[Role | str, AnyModel]"
"""A model for some of the roles. A mapping does not vary in its key, so each type of key is named."""

REPLAY: Final = "replay"
RECORD: Final = "record"
LOCAL_URL: Final = "http://localhost:8000/v1"
"""An example, for messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelString:
    """A model string taken apart. `provider` is a key of `PROVIDERS`, `replay` or `record`."""

    provider: str
    name: str

    def __str__(self) -> str:
        return f"{self.provider}:{self.name}"


def parse_model(text: str) -> ModelString:
    """Take apart `provider:name`, `vendor/name`, `replay:FILE` or `record:MODEL`.

    Only a known provider before the first colon or slash counts as one, so `openrouter:vendor/name` and
    `ollama/name:tag` keep the rest as it is.

    Raises:
        ConfigurationError: no known provider, or no name after it.
    """
    text = text.strip()
    for separator in (":", "/"):
        head, found, name = text.partition(separator)
        provider = ALIASES.get(head, head)
        if found and (provider in PROVIDERS or (provider in (REPLAY, RECORD) and separator == ":")):
            if not name.strip():
                raise ConfigurationError(f"the model string {text!r} has no name after {head}{separator}")
            return ModelString(provider=provider, name=name.strip())
    raise _unknown_provider(text)


def connect(model: AnyModel, settings: Settings, *, price: Price | None = None) -> LanguageModel:
    """Return the `LanguageModel` that `model` names. `price` replaces the provider's list price.

    Raises:
        ConfigurationError: unknown provider, missing key or missing package; the message says what to set.
        CassetteError: a recording cannot be read.
    """
    if isinstance(model, str):
        return _connect_string(parse_model(model), settings, price)
    if _is_language_model(model):
        return model
    # Not at the top: this is the one door to pydantic-ai, which takes about a second to import.
    from .live import PydanticAIModel, is_pydantic_ai_model  # noqa: PLC0415

    if not is_pydantic_ai_model(model):
        raise ConfigurationError(
            f"{model!r} is not a model; pass a string such as {PROVIDERS['openai'].model!r}, "
            "a LanguageModel or a model of pydantic-ai"
        )
    return PydanticAIModel(model, price=price, timeout_s=settings.timeout_s)


def connect_roles(
    model: AnyModel | None,
    models: RoleModels | None,
    settings: Settings,
    *,
    roles: Iterable[Role] = Role,
) -> Mapping[Role, LanguageModel]:
    """Return a model for each of `roles`.

    It is `models[role]`, else `model`, else what `settings` name for the role or for all.
    Equal names share one connection.

    Raises:
        ConfigurationError: a role has no model (the message lists what can be set), or a name is wrong.
    """
    chosen: Iterable[tuple[str, AnyModel]] = models.items() if models else ()
    named = {_role(name): choice for name, choice in chosen}
    choices = {role: named.get(role) or model or _from_settings(role, settings) for role in roles}
    connected: dict[int | str, LanguageModel] = {}
    result: dict[Role, LanguageModel] = {}
    for role, choice in choices.items():
        if choice is None:
            raise ConfigurationError(no_model(settings, role if any(choices.values()) else None))
        key = choice if isinstance(choice, str) else id(choice)
        if key not in connected:
            connected[key] = connect(choice, settings)
        result[role] = connected[key]
    return MappingProxyType(result)


def no_model(settings: Settings, role: Role | None = None) -> str:
    """Return the message for "no model is configured", with everything that can be set."""
    what = "no model is configured" if role is None else f"no model is configured for the {role}"
    return "\n".join(
        (
            f"{what}: set PLAYBOX_MODEL, pass model=..., or --model on the command line",
            *_found(settings),
            f"  a local OpenAI-compatible server: OPENAI_BASE_URL={LOCAL_URL} PLAYBOX_MODEL=openai:NAME",
            "  recorded answers, no key and no network: PLAYBOX_MODEL=replay:FILE",
            "  one role alone: PLAYBOX_GENERATOR_MODEL, PLAYBOX_REFLECTOR_MODEL, PLAYBOX_CURATOR_MODEL",
        )
    )


def _found(settings: Settings) -> list[str]:
    found = [
        f"  {key} is set: PLAYBOX_MODEL={provider.model}"
        for provider in PROVIDERS.values()
        if (key := provider.key_in(settings)) and "-" not in provider.name
    ]
    if settings.openai_base_url:
        url = redact(settings.openai_base_url, Secrets(settings.secrets()))
        found.append(f"  OPENAI_BASE_URL={url} is set: PLAYBOX_MODEL=openai:NAME")
    return found or ["  no provider's key was found; set one, e.g. OPENAI_API_KEY or ANTHROPIC_API_KEY"]


def _connect_string(parsed: ModelString, settings: Settings, price: Price | None) -> LanguageModel:
    if parsed.provider == REPLAY:
        return Replay(Path(parsed.name))
    if parsed.provider == RECORD:
        inner = parse_model(parsed.name)
        if inner.provider in (REPLAY, RECORD):
            raise ConfigurationError(
                f"'record:{inner}' would record a recording; record a live model: record:PROVIDER:NAME"
            )
        return Recording(_connect_string(inner, settings, price), settings.cassette)
    _check_ready(parsed, PROVIDERS[parsed.provider], settings)
    # Not at the top: this is the one door to pydantic-ai, which takes about a second to import.
    from .live import connect_live  # noqa: PLC0415

    return connect_live(parsed.provider, parsed.name, settings, price=price)


def _check_ready(parsed: ModelString, provider: Provider, settings: Settings) -> None:
    """Report a missing package or key before anything is imported or sent."""
    if not provider.installed():
        raise ConfigurationError(
            f"'{parsed}' needs the package {provider.package}: "
            f'pip install "pydantic-ai-slim[{provider.extra}]"'
        )
    if provider.lacks_key(settings):
        local_hint = (
            f"; a local OpenAI-compatible server needs none, only OPENAI_BASE_URL={LOCAL_URL}"
            if provider.name.startswith("openai")
            else ""
        )
        raise ConfigurationError(
            f"'{parsed}' needs a key: set {' or '.join(provider.keys)}{local_hint}; "
            "without a key, PLAYBOX_MODEL=replay:FILE plays recorded answers"
        )


def _is_language_model(model: LanguageModel | Model) -> TypeGuard[LanguageModel]:
    return callable(getattr(model, "ask", None))


def _role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError:
        raise ConfigurationError(f"{name!r} is not a role; roles are {', '.join(Role)}") from None


def _from_settings(role: Role, settings: Settings) -> str | None:
    of_role = {
        Role.GENERATOR: settings.generator_model,
        Role.REFLECTOR: settings.reflector_model,
        Role.CURATOR: settings.curator_model,
    }
    return of_role[role] or settings.model


def _unknown_provider(text: str) -> ConfigurationError:
    head = text.partition(":")[0].partition("/")[0]
    if head == text:
        return ConfigurationError(
            f"the model string {text!r} names no provider; write PROVIDER:NAME, "
            f"such as openai:{text or 'NAME'}"
        )
    known = (*PROVIDERS, *ALIASES, REPLAY, RECORD)
    near = difflib.get_close_matches(head, known, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return ConfigurationError(
        f"the model string {text!r} has an unknown provider {head!r}; {hint}"
        f"known are {', '.join(PROVIDERS)}, replay:FILE, record:MODEL"
    )
