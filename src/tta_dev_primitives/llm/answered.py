"""Tell the context's listeners that a role got its reply."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ..core.context import WorkflowContext
from .types import ModelAnswered, Reply, Request, T

CONVENTIONAL: Final[Mapping[str, str]] = MappingProxyType(
    {
        "azure": "azure.ai.openai",
        "bedrock": "aws.bedrock",
        "google-gla": "gcp.gemini",
        "google-vertex": "gcp.vertex_ai",
        "mistral": "mistral_ai",
        "mistral_ai": "mistral_ai",
        "xai": "x_ai",
    }
)
"""pydantic-ai's name to OpenTelemetry's, where they differ."""
HERE: Final = "playbox"
"""The provider of an answer for which nobody was asked."""


def answered(
    request: Request[T], reply: Reply[T], context: WorkflowContext, *, since: float, provider: str = HERE
) -> Reply[T]:
    """Emit `ModelAnswered` and return the reply. `since` is the `time.perf_counter()` of the question.

    `provider` is pydantic-ai's name for it.
    """
    context.emit(
        ModelAnswered(
            role=request.role,
            task_id=request.task_id,
            attempt=request.attempt,
            usage=reply.usage,
            source=reply.source,
            seconds=time.perf_counter() - since,
            provider=CONVENTIONAL.get(provider, provider),
        )
    )
    return reply
