"""What one request costs, and the most that it can cost before it is sent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from pydantic_ai.exceptions import UserError
from pydantic_ai.messages import ModelMessage, ModelMessagesTypeAdapter, ModelRequest, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.usage import RequestUsage

from ..price import Price

OVERHEAD_TOKENS: Final = 1024
"""What providers add around messages and tools; the largest documented is Anthropic's, below 700."""


def most_input_tokens(messages: list[ModelMessage], parameters: ModelRequestParameters) -> int:
    """Return an upper bound: a token is at least one UTF-8 byte, so the bytes sent bound the tokens.

    The messages are measured as JSON, which is longer than their text; so are the schemas.
    """
    tools = [
        [tool.name, tool.description, tool.parameters_json_schema]
        for tool in (*parameters.function_tools, *parameters.output_tools)
    ]
    wanted = parameters.output_object
    schema = [] if wanted is None else [wanted.name, wanted.description, wanted.json_schema]
    described = json.dumps([tools, schema, _instructions_apart(messages, parameters)], ensure_ascii=False)
    return len(ModelMessagesTypeAdapter.dump_json(messages)) + len(described.encode()) + OVERHEAD_TOKENS


def _instructions_apart(messages: list[ModelMessage], parameters: ModelRequestParameters) -> list[str]:
    """Return the instructions that no message carries; usually one does, and they are sent once."""
    carried = "\n".join(
        message.instructions or "" for message in messages if isinstance(message, ModelRequest)
    )
    return [part.content for part in parameters.instruction_parts or () if part.content not in carried]


@dataclass(frozen=True, slots=True)
class Tariff:
    """The price of `model`: the one stated, else its provider's list price, else unknown (None)."""

    model: Model
    stated: Price | None

    def of(self, usage: RequestUsage, *, model_name: str | None = None) -> float | None:
        """Return US dollars."""
        if self.stated is not None:
            return self.stated.of(input_tokens=usage.input_tokens, output_tokens=usage.output_tokens)
        names = (model_name, self.model.model_name)
        return next((usd for name in names if name and (usd := self._listed(usage, name)) is not None), None)

    def at_most(self, *, input_tokens: int, output_tokens: int) -> float | None:
        """Return an upper bound in US dollars: all of the input new, or all of it written to a cache."""
        plain = self.of(RequestUsage(input_tokens=input_tokens, output_tokens=output_tokens))
        written = self.of(
            RequestUsage(
                input_tokens=input_tokens, cache_write_tokens=input_tokens, output_tokens=output_tokens
            )
        )
        return None if plain is None or written is None else max(plain, written)

    def _listed(self, usage: RequestUsage, name: str) -> float | None:
        """Ask pydantic-ai's price list (genai-prices)."""
        try:
            response = ModelResponse(
                parts=[],
                usage=usage,
                model_name=name,
                provider_name=self.model.system,
                provider_url=self.model.base_url,
            )
            return float(response.cost().total_price)
        except (LookupError, ValueError):  # not in the list, or the usage has no price
            return None
        except (AttributeError, UserError):  # some models of pydantic-ai have no base URL to tell
            return None
