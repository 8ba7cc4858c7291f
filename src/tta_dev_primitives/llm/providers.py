"""The providers that pydantic-ai knows, as data: which key each needs, which package, and an example."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ..settings import Settings

_AZURE_KEY: Final = ("AZURE_OPENAI_API_KEY",)
_GOOGLE_KEYS: Final = ("GOOGLE_API_KEY", "GEMINI_API_KEY")
_OPENAI_KEY: Final = ("OPENAI_API_KEY",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One provider. Any one of `keys` will do; without `keys` it needs none, or finds its own credentials.

    `package` is the module that must be importable, `extra` the extra of pydantic-ai-slim that brings it.
    `example` is a model of that provider, for messages only: nothing picks a model by itself.
    """

    name: str
    example: str
    keys: tuple[str, ...] = ()
    package: str = "openai"
    extra: str = "openai"

    @property
    def model(self) -> str:
        """A model string that this provider could answer to."""
        return f"{self.name}:{self.example}"

    def key_in(self, settings: Settings) -> str | None:
        """Return the name of the variable whose key would be used."""
        return next((name for name in self.keys if name in settings.keys), None)

    def lacks_key(self, settings: Settings) -> bool:
        """Tell whether a key is missing; an OpenAI-compatible server at OPENAI_BASE_URL may need none."""
        local = self.keys == _OPENAI_KEY and settings.openai_base_url is not None
        return bool(self.keys) and not local and self.key_in(settings) is None

    def installed(self) -> bool:
        """Tell whether the provider's package can be imported, without importing it."""
        try:
            return importlib.util.find_spec(self.package) is not None
        except ModuleNotFoundError:  # the parent of a dotted name is missing
            return False


_TABLE: Final = (
    Provider(name="openai", example="gpt-6.1-terra", keys=_OPENAI_KEY),
    Provider(name="openai-chat", example="gpt-6.1-terra", keys=_OPENAI_KEY),
    Provider(name="openai-responses", example="gpt-6.1-terra", keys=_OPENAI_KEY),
    Provider(
        name="anthropic",
        example="claude-sonnet-5-5",
        keys=("ANTHROPIC_API_KEY",),
        package="anthropic",
        extra="anthropic",
    ),
    Provider(
        name="google",
        example="gemini-3.8-flash",
        keys=_GOOGLE_KEYS,
        package="google.genai",
        extra="google",
    ),
    Provider(name="google-cloud", example="gemini-3.8-flash", package="google.genai", extra="google"),
    Provider(name="openrouter", example="anthropic/claude-sonnet-5-5", keys=("OPENROUTER_API_KEY",)),
    Provider(
        name="groq", example="openai/gpt-oss-120b", keys=("GROQ_API_KEY",), package="groq", extra="groq"
    ),
    Provider(
        name="mistral",
        example="codestral-latest",
        keys=("MISTRAL_API_KEY",),
        package="mistralai",
        extra="mistral",
    ),
    Provider(name="deepseek", example="deepseek-v4-pro", keys=("DEEPSEEK_API_KEY",)),
    Provider(name="xai", example="grok-4.7", keys=("XAI_API_KEY",), package="xai_sdk", extra="xai"),
    Provider(
        name="cohere", example="command-a-03-2025", keys=("CO_API_KEY",), package="cohere", extra="cohere"
    ),
    Provider(
        name="huggingface",
        example="openai/gpt-oss-120b",
        keys=("HF_TOKEN",),
        package="huggingface_hub",
        extra="huggingface",
    ),
    Provider(
        name="bedrock",
        example="global.anthropic.claude-sonnet-5-5",
        package="boto3",
        extra="bedrock",
    ),
    Provider(name="azure", example="YOUR-DEPLOYMENT", keys=_AZURE_KEY),
    Provider(name="azure-responses", example="YOUR-DEPLOYMENT", keys=_AZURE_KEY),
    Provider(name="alibaba", example="qwen3-coder-plus", keys=("ALIBABA_API_KEY", "DASHSCOPE_API_KEY")),
    Provider(name="cerebras", example="gpt-oss-120b", keys=("CEREBRAS_API_KEY",)),
    Provider(name="crusoe", example="zai-org/GLM-5.3", keys=("CRUSOE_API_KEY",)),
    Provider(name="fireworks", example="accounts/fireworks/models/YOUR-MODEL", keys=("FIREWORKS_API_KEY",)),
    Provider(name="heroku", example="claude-4-6-sonnet", keys=("HEROKU_INFERENCE_KEY",)),
    Provider(name="meta", example="muse-spark-1.3", keys=("META_API_KEY",)),
    Provider(name="moonshotai", example="kimi-k3", keys=("MOONSHOTAI_API_KEY",)),
    Provider(name="nebius", example="openai/gpt-oss-120b", keys=("NEBIUS_API_KEY",)),
    Provider(name="ovhcloud", example="gpt-oss-120b", keys=("OVHCLOUD_API_KEY",)),
    Provider(name="sambanova", example="gpt-oss-120b", keys=("SAMBANOVA_API_KEY",)),
    Provider(name="together", example="openai/gpt-oss-120b", keys=("TOGETHER_API_KEY",)),
    Provider(name="vercel", example="anthropic/claude-sonnet-5-5", keys=("VERCEL_AI_GATEWAY_API_KEY",)),
    Provider(name="zai", example="glm-5.3-flash", keys=("ZAI_API_KEY",)),
    Provider(name="litellm", example="YOUR-MODEL"),
    Provider(name="ollama", example="qwen3-coder"),
    Provider(name="vllm", example="YOUR-MODEL"),
    Provider(name="gateway/openai", example="gpt-6.1-terra", keys=("PYDANTIC_AI_GATEWAY_API_KEY",)),
    Provider(
        name="gateway/anthropic",
        example="claude-sonnet-5-5",
        keys=("PYDANTIC_AI_GATEWAY_API_KEY",),
        package="anthropic",
        extra="anthropic",
    ),
)

PROVIDERS: Final[Mapping[str, Provider]] = MappingProxyType({provider.name: provider for provider in _TABLE})
"""By name, in the order in which messages list them."""

ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {"google-gla": "google", "gemini": "google", "google-vertex": "google-cloud", "together_ai": "together"}
)
"""Names that other tools and earlier versions of pydantic-ai give to the same providers."""
