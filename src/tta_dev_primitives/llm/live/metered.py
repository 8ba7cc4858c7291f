"""MeteredModel: every single HTTP request is reserved from the budget, retried if transient, and settled."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import Final

from pydantic_ai.exceptions import AgentRunError, ModelAPIError, UserError
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

from ...core.budget import Budget, Spend
from ...core.context import WorkflowContext
from ...core.errors import BudgetExceeded, ConfigurationError, ModelUnavailable
from ..price import MILLION
from ..types import Usage
from .cost import Tariff, most_input_tokens
from .failures import explain, is_answered

LEAST_OUTPUT_TOKENS: Final = 256
"""Below this no role can answer, so a call that the budget limits to less is not made."""
_FIRST_WAIT_S: Final = 0.5
_LONGEST_BACKOFF_S: Final = 30.0
_LONGEST_WAIT_S: Final = 300.0  # a provider that asks for more is reported as unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Metering:
    """How requests are limited: `max_output_tokens` each, at most `tries` HTTP calls for one of them."""

    max_output_tokens: int
    tries: int
    timeout_s: float


class MeteredModel(WrapperModel):
    """Wraps the model of one question; `usage` and `answered_by` tell what happened."""

    def __init__(
        self, wrapped: Model, name: str, tariff: Tariff, how: Metering, context: WorkflowContext
    ) -> None:
        super().__init__(wrapped)
        self._name, self._tariff, self._how, self._context = name, tariff, how, context
        self.usage = Usage()
        self.answered_by = wrapped.model_name

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Send one request, and again while it fails for a passing reason."""
        for tried in range(1, self._how.tries + 1):
            try:
                return await self._send(messages, model_settings, model_request_parameters)
            except (AgentRunError, UserError) as error:
                failure = explain(error, self._name, self._context.secrets.now)
                wait = _wait_s(error, tried)
                if not isinstance(failure, ModelUnavailable) or not self._may_wait(tried, wait):
                    raise failure from error
                await asyncio.sleep(wait)
        raise AssertionError("the loop returns or raises")  # pragma: no cover

    async def _send(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Reserve the most that one HTTP call can cost, make it, settle what it did cost."""
        self._context.check_deadline(f"a call to {self._name}")
        _, prepared = self.wrapped.prepare_request(model_settings, parameters)
        most_input = most_input_tokens(messages, prepared)
        output = self._output_limit(most_input)
        held = self._reserve(most_input, output)
        spent = held  # an outcome that is not known may have cost all of it
        settings: ModelSettings = {**(model_settings or {}), **self._limits(output)}
        try:
            response = await self.wrapped.request(messages, settings, parameters)
            spent = self._count(response, held)
        except (AgentRunError, UserError) as error:
            spent = Spend(calls=1) if is_answered(error) or isinstance(error, UserError) else held
            self.usage += Usage(calls=1)
            raise
        finally:
            if self._context.budget is not None:
                self._context.budget.settle(held, spent)
        return response

    def _limits(self, output: int) -> ModelSettings:
        """`max_retries=0`: the SDK's own retries would be calls that nobody counted."""
        limits, ignored = ModelSettings(max_tokens=output), self.wrapped.unsupported_settings
        if "timeout" not in ignored:
            limits["timeout"] = self._how.timeout_s
        if "max_retries" not in ignored:
            limits["max_retries"] = 0
        return limits

    def _output_limit(self, most_input: int) -> int:
        """Lower the output limit to what the budget leaves after the input."""
        limit, budget = self._how.max_output_tokens, self._context.budget
        if budget is None:
            return limit
        if budget.tokens_left is not None:
            limit = min(limit, budget.tokens_left - most_input)
        if budget.usd_left is not None:
            limit = min(limit, self._affordable(budget.usd_left, most_input))
        if limit < LEAST_OUTPUT_TOKENS:
            raise BudgetExceeded(
                f"{_left(budget)} leaves {max(limit, 0)} output tokens after up to {most_input} of input; "
                f"{self._name} needs {LEAST_OUTPUT_TOKENS}: raise the budget or shorten the prompt"
            )
        return limit

    def _affordable(self, usd: float, most_input: int) -> int:
        """Return how many output tokens `usd` pays for once the input is paid."""
        input_usd = self._tariff.at_most(input_tokens=most_input, output_tokens=0)
        all_usd = self._tariff.at_most(input_tokens=most_input, output_tokens=self._how.max_output_tokens)
        if input_usd is None or all_usd is None:
            raise ConfigurationError(
                f"a budget of US dollars needs a price and none is known for {self._name}; "
                "set a token budget (PLAYBOX_BUDGET_TOKENS), or pass price=Price(input=..., output=...)"
            )
        if all_usd <= usd:
            return self._how.max_output_tokens
        per_token = (all_usd - input_usd) / self._how.max_output_tokens
        return 0 if usd <= input_usd else int((usd - input_usd) / per_token * (1 - 1 / MILLION))

    def _reserve(self, most_input: int, output: int) -> Spend:
        usd = self._tariff.at_most(input_tokens=most_input, output_tokens=output) or 0.0
        most = Spend(tokens=most_input + output, usd=usd, calls=1)
        return most if self._context.budget is None else self._context.budget.reserve(most)

    def _count(self, response: ModelResponse, held: Spend) -> Spend:
        """Add the reported usage; a provider that reports none is taken to have used what was reserved."""
        reported = response.usage
        usd = self._tariff.of(reported, model_name=response.model_name)
        self.usage += Usage(
            input_tokens=reported.input_tokens,
            cached_tokens=reported.cache_read_tokens,
            output_tokens=reported.output_tokens,
            calls=1,
            usd=usd,
        )
        self.answered_by = response.model_name or self.answered_by
        tokens = reported.input_tokens + reported.output_tokens
        return Spend(tokens=tokens, usd=usd or 0.0, calls=1) if tokens else held

    def _may_wait(self, tried: int, wait: float) -> bool:
        left = self._context.seconds_left()
        return tried < self._how.tries and wait <= _LONGEST_WAIT_S and (left is None or wait < left)


def _wait_s(error: AgentRunError | UserError, tried: int) -> float:
    """Exponential backoff with jitter, but never shorter than the provider asked for."""
    longest = min(_LONGEST_BACKOFF_S, _FIRST_WAIT_S * 2 ** (tried - 1))
    backoff = random.uniform(longest / 2, longest)  # noqa: S311  # spreads load, hides nothing
    asked = error.retry_after if isinstance(error, ModelAPIError) else None
    return max(backoff, asked or 0.0)


def _left(budget: Budget) -> str:
    amounts = (
        None if budget.tokens_left is None else f"{budget.tokens_left} tokens",
        None if budget.usd_left is None else f"{budget.usd_left:.6f} US dollars",
    )
    return f"the rest of the budget ({', '.join(amount for amount in amounts if amount)})"
