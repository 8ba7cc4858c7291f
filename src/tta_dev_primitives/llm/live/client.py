"""PydanticAIModel: a live model behind our own seam."""

from __future__ import annotations

import asyncio
import time
from contextlib import AbstractAsyncContextManager
from typing import Final

import pydantic_ai
from pydantic_ai import Agent
from pydantic_ai.exceptions import AgentRunError, UserError
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings

from ...core.context import WorkflowContext
from ...core.errors import DeadlineExceeded
from ..answered import Asked, answered, telling_failure
from ..price import Price
from ..text import encodable
from ..types import Origin, Reply, Request, Source, T
from .cost import Tariff
from .failures import explain
from .metered import MeteredModel, Metering

_OUTPUT_RETRIES: Final = 2

# Otherwise the first question of a process prints an advertisement into our progress display.
pydantic_ai.BANNER_ENABLED = False


class PydanticAIModel:
    """Asks any model of pydantic-ai, within the context's deadline and budget.

    `max_output_tokens` bounds one answer (with its reasoning); `tries` the HTTP calls for one request where
    failures pass (429, 5xx, connection); `timeout_s` is for one call. HTTP clients that pydantic-ai made are
    closed after each question, so that no event loop outlives its own, unless `connected` keeps them open.
    """

    def __init__(  # noqa: PLR0913  # each is a limit with a default
        self,
        model: Model,
        *,
        name: str | None = None,
        price: Price | None = None,
        max_output_tokens: int = 8192,
        tries: int = 4,
        timeout_s: float = 600.0,
    ) -> None:
        self._model = model
        self._name = name or f"{model.system}:{model.model_name}"
        self._tariff = Tariff(model, price)
        self._metering = Metering(max_output_tokens=max_output_tokens, tries=tries, timeout_s=timeout_s)

    @property
    def name(self) -> str:
        """The model string."""
        return self._name

    def connected(self) -> AbstractAsyncContextManager[object]:
        """Keep the connections to the provider open until the block ends."""
        return self._model

    async def ask(self, request: Request[T], context: WorkflowContext) -> Reply[T]:
        """Ask the provider; an answer of the wrong form is sent back to the model twice.

        Raises:
            ModelUnavailable: still failing after all tries.
            ModelRejected: the key, the model name or the request was refused.
            ModelOutputInvalid: no answer of the required form.
            ModelRefused: the model declined.
            BudgetExceeded: a call could cost more than is left; that call was not made.
            DeadlineExceeded: the deadline passed.
        """
        context.check_deadline(f"{request.role} asked {self._name}")
        since = time.perf_counter()
        metered = MeteredModel(self._model, self._name, self._tariff, self._metering, context)
        asked = Asked(provider=self._model.system, model=self._model.model_name)
        with telling_failure(request, context, since=since, asked=asked):
            output = await self._within_deadline(request, metered, context)
        source = Source(origin=Origin.LIVE, model=metered.answered_by)
        return answered(
            request,
            Reply(output=output, usage=metered.usage, source=source),
            context,
            since=since,
            asked=asked,
        )

    async def _within_deadline(
        self, request: Request[T], metered: MeteredModel, context: WorkflowContext
    ) -> T:
        scope = asyncio.timeout(context.seconds_left())
        try:
            async with scope:
                return await self._run(request, metered, context)
        except TimeoutError as error:
            if not scope.expired():
                raise
            raise DeadlineExceeded(
                f"the deadline passed while {self._name} answered the {request.role}; allow more time"
            ) from error

    async def _run(self, request: Request[T], metered: MeteredModel, context: WorkflowContext) -> T:
        agent = Agent(
            metered,
            output_type=request.output,
            instructions=encodable(request.instructions),
            retries=_OUTPUT_RETRIES,
            model_settings=self._cache_settings(),
        )
        try:
            async with agent:
                return (await agent.run(encodable(request.prompt))).output
        except (AgentRunError, UserError) as error:
            raise explain(error, self._name, context.secrets.now) from error

    def _cache_settings(self) -> ModelSettings:
        """Anthropic caches a prefix only where asked to; the others do it by themselves."""
        return ModelSettings(cache={"messages": False}) if self._model.system == "anthropic" else {}
