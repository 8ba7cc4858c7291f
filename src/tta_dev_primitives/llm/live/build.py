"""Build a pydantic-ai model from a parsed model string, with keys and URLs from `Settings` only."""

from __future__ import annotations

from functools import partial
from typing import Any, Final, TypeGuard

from pydantic_ai.exceptions import UserError
from pydantic_ai.models import Model, infer_model
from pydantic_ai.providers import Provider, infer_provider, infer_provider_class
from pydantic_ai.providers.ollama import OllamaProvider
from pydantic_ai.providers.openai import OpenAIProvider

from ...core.errors import ConfigurationError
from ...settings import Settings
from ..price import Price
from ..providers import PROVIDERS
from .client import PydanticAIModel

_NO_KEY: Final = "not-needed"  # the SDK insists on a value; local servers ignore it
_OPENAI_URL: Final = "https://api.openai.com/v1"  # stated, or the SDK would read the environment
_ANTHROPIC_URL: Final = "https://api.anthropic.com"
_OWN_CREDENTIALS: Final = ("azure", "azure-responses")  # these need more than a key and read it themselves


def connect_live(provider: str, name: str, settings: Settings, *, price: Price | None) -> PydanticAIModel:
    """Return a live model; `provider` is a key of `PROVIDERS`.

    Raises:
        ConfigurationError: a package or a setting of the provider is missing.
    """
    kind = _kind(provider, settings)
    try:
        model = infer_model(f"{kind}:{name}", provider_factory=partial(_provider, settings))
    except ImportError as error:
        extra = PROVIDERS[provider].extra
        raise ConfigurationError(
            f"'{provider}:{name}' needs another package: pip install \"pydantic-ai-slim[{extra}]\" ({error})"
        ) from error
    except (UserError, ValueError) as error:
        raise ConfigurationError(f"'{provider}:{name}' cannot be used: {error}") from error
    return PydanticAIModel(model, name=f"{provider}:{name}", price=price, timeout_s=settings.timeout_s)


def is_pydantic_ai_model(value: object) -> TypeGuard[Model]:
    """Tell whether `value` is a model of pydantic-ai."""
    return isinstance(value, Model)


def _kind(provider: str, settings: Settings) -> str:
    """OpenAI-compatible servers speak Chat Completions; `openai:` alone would mean the Responses API."""
    return "openai-chat" if provider == "openai" and settings.openai_base_url else provider


def _provider(settings: Settings, name: str) -> Provider[Any]:  # the client is the SDK's affair
    if name in ("openai", "openai-chat", "openai-responses"):
        url = settings.openai_base_url or _OPENAI_URL
        return OpenAIProvider(base_url=url, api_key=_key("openai", settings) or _NO_KEY)
    if name == "anthropic":
        # Not at the top: its SDK takes a second to load, also where another provider is asked.
        from pydantic_ai.providers.anthropic import AnthropicProvider  # noqa: PLC0415

        url = settings.anthropic_base_url or _ANTHROPIC_URL
        return AnthropicProvider(base_url=url, api_key=_key(name, settings))
    if name == "ollama":
        key = settings.key("OLLAMA_API_KEY")
        return OllamaProvider(
            base_url=settings.ollama_base_url, api_key=key.get_secret_value() if key else _NO_KEY
        )
    key_text = _key(name, settings) if name in PROVIDERS else None
    if key_text is None or name in _OWN_CREDENTIALS or name.startswith("gateway/"):
        return infer_provider(name)
    return infer_provider_class(name)(api_key=key_text)  # type: ignore[call-arg]


def _key(provider: str, settings: Settings) -> str | None:
    key = settings.key(*PROVIDERS[provider].keys)
    return None if key is None else key.get_secret_value()
