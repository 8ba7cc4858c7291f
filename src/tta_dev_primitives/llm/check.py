"""Check one model with one small call, and list what the environment offers."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final

from pydantic import BaseModel, ConfigDict

from ..core.context import WorkflowContext
from ..core.errors import PlayboxError
from ..settings import Settings
from .cassette import Replay
from .models import connect
from .providers import PROVIDERS
from .types import LanguageModel, Reply, Request, Role, Source, Usage

_PATIENCE_S: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCheck:
    """What came of asking a model: `error` is None if it answered as asked."""

    model: str
    seconds: float
    usage: Usage = field(default_factory=Usage)
    source: Source | None = None
    error: PlayboxError | None = None

    @property
    def ok(self) -> bool:
        """Whether the model can be used."""
        return self.error is None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderStatus:
    """One provider as seen from here.

    `key` is the variable that holds its key, if any does; `ready`: nothing that can be told is missing.
    """

    name: str
    model: str
    keys: tuple[str, ...]
    key: str | None
    installed: bool
    install: str
    ready: bool


class Sum(BaseModel):
    """The answer to the check's question."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sum: int


async def check_model(model: str, settings: Settings) -> ModelCheck:
    """Ask `model` one small structured question, within a minute; a recording is only read.

    Never raises an error of this package: it is the result.
    """
    since = time.perf_counter()
    try:
        connected = connect(model.removeprefix("record:"), settings)  # a check is not worth recording
        if isinstance(connected, Replay):
            return ModelCheck(model=model, seconds=time.perf_counter() - since, source=connected.sources[-1])
        reply = await _ask(connected, settings)
    except PlayboxError as error:
        return ModelCheck(model=model, seconds=time.perf_counter() - since, error=error)
    return ModelCheck(
        model=model, seconds=time.perf_counter() - since, usage=reply.usage, source=reply.source
    )


def describe_providers(settings: Settings) -> tuple[ProviderStatus, ...]:
    """Return every known provider, in the order of the table in `providers.py`."""
    return tuple(
        ProviderStatus(
            name=provider.name,
            model=provider.model,
            keys=provider.keys,
            key=provider.key_in(settings),
            installed=provider.installed(),
            install=f'pip install "pydantic-ai-slim[{provider.extra}]"',
            ready=provider.installed() and not provider.lacks_key(settings),
        )
        for provider in PROVIDERS.values()
    )


async def _ask(model: LanguageModel, settings: Settings) -> Reply[Sum]:
    request = Request(
        role=Role.GENERATOR,
        task_id="check",
        attempt=1,
        instructions="You answer in the form asked for.",
        prompt="What is 2 + 3?",
        output=Sum,
    )
    context = WorkflowContext(budget=settings.budget()).with_timeout(min(_PATIENCE_S, settings.timeout_s))
    return await model.ask(request, context)
