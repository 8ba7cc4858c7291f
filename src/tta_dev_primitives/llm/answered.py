"""Tell the context's listeners that a role got its reply, or that it got none."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ..core.context import WorkflowContext
from ..core.errors import DeadlineExceeded, ModelError
from .types import ModelAnswered, ModelFailed, Reply, Request, T

CONVENTIONAL: Final[Mapping[str, str]] = MappingProxyType(
    {
        "azure": "azure.ai.openai",
        "bedrock": "aws.bedrock",
        "google-gla": "gcp.gemini",
        "google-vertex": "gcp.vertex_ai",
        "mistral": "mistral_ai",
        "xai": "x_ai",
    }
)
"""pydantic-ai's name of a provider to OpenTelemetry's, where they differ."""
_HERE: Final = "playbox"
"""The provider of an answer for which nobody was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The `model` that is asked, and pydantic-ai's name of its provider."""

    provider: str
    model: str

    @property
    def conventional(self) -> str:
        """OpenTelemetry's name of the provider."""
        return CONVENTIONAL.get(self.provider, self.provider)


def answered(
    request: Request[T],
    reply: Reply[T],
    context: WorkflowContext,
    *,
    since: float,
    asked: Asked | None = None,
) -> Reply[T]:
    """Emit `ModelAnswered` and return the reply. `since` is the `time.perf_counter()` of the question.

    `asked` is None for an answer that comes from here.
    """
    context.emit(
        ModelAnswered(
            role=request.role,
            task_id=request.task_id,
            attempt=request.attempt,
            usage=reply.usage,
            source=reply.source,
            seconds=time.perf_counter() - since,
            provider=_HERE if asked is None else asked.conventional,
            model=reply.source.model if asked is None else asked.model,
            instructions=request.instructions,
            prompt=request.prompt,
            output=reply.output,
        )
    )
    return reply


@contextmanager
def telling_failure(
    request: Request[T], context: WorkflowContext, *, since: float, asked: Asked
) -> Generator[None]:
    """Emit `ModelFailed` if the block raises because the model, or the time for it, failed."""
    try:
        yield
    except (ModelError, DeadlineExceeded) as error:
        context.emit(
            ModelFailed(
                role=request.role,
                task_id=request.task_id,
                attempt=request.attempt,
                seconds=time.perf_counter() - since,
                provider=asked.conventional,
                model=asked.model,
                error=type(error).__name__,
            )
        )
        raise
