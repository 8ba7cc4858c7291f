"""The one seam to language models: a request goes in, a typed reply comes out.

Live, replayed and scripted models are implementations of `LanguageModel`; nothing above knows which it has.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

from ..core.attributes import CONTENT, Attribute
from ..core.context import WorkflowContext
from ..core.events import Event, Operation

T = TypeVar("T", bound=BaseModel)


class Role(StrEnum):
    """The three roles of ACE. Source: arXiv 2510.04618, section 3."""

    GENERATOR = "generator"
    REFLECTOR = "reflector"
    CURATOR = "curator"


class Origin(StrEnum):
    """Where an answer came from."""

    LIVE = "live"
    REPLAYED = "replayed"
    SCRIPTED = "scripted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Generic[T]):
    """One question to one role.

    `instructions` is the static part, equal for all requests of a role, so providers can cache it; `prompt`
    is the rest. `attempt` counts from 1 within (role, task_id). The reply must validate as `output`.
    """

    role: Role
    task_id: str
    attempt: int
    instructions: str
    prompt: str
    output: type[T]


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a reply cost. `usd` is None where no price is known; cached tokens are part of `input_tokens`."""

    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    calls: int = 0
    usd: float | None = 0.0

    @property
    def tokens(self) -> int:
        """Input and output together."""
        return self.input_tokens + self.output_tokens

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            calls=self.calls + other.calls,
            usd=None if self.usd is None or other.usd is None else self.usd + other.usd,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Who answered: `model` is the provider's name for it, `recorded` the ISO date of a replayed answer."""

    origin: Origin
    model: str
    recorded: str | None = None

    def __str__(self) -> str:
        if self.origin is Origin.REPLAYED:
            return f"replayed answers of {self.model}, recorded {self.recorded}"
        return f"{self.origin} {self.model}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(Generic[T]):
    """A validated answer, what it cost and who gave it."""

    output: T
    usage: Usage
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswered(Event):
    """A role got its reply; `provider` is OpenTelemetry's name where it has one, `model` what was asked."""

    role: Role
    task_id: str
    attempt: int
    usage: Usage
    source: Source
    seconds: float
    provider: str
    model: str
    instructions: str = field(default="", metadata=CONTENT)
    prompt: str = field(default="", metadata=CONTENT)
    output: BaseModel | None = field(default=None, metadata=CONTENT)

    def attributes(self) -> Mapping[str, Attribute]:
        """Return it by OpenTelemetry's names for generative AI, and the cost where a price is known."""
        cost: dict[str, Attribute] = {} if self.usage.usd is None else {"playbox.cost_usd": self.usage.usd}
        return {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": self.provider,
            "gen_ai.request.model": self.model,
            "gen_ai.response.model": self.source.model,
            "gen_ai.usage.input_tokens": self.usage.input_tokens,
            "gen_ai.usage.output_tokens": self.usage.output_tokens,
            "gen_ai.usage.cache_read.input_tokens": self.usage.cached_tokens,
            "playbox.role": self.role.value,
            "playbox.task_id": self.task_id,
            "playbox.attempt": self.attempt,
            "playbox.answer.origin": self.source.origin.value,
            "playbox.answer.calls": self.usage.calls,
            **cost,
        }

    def contents(self) -> Mapping[str, str]:
        """Return question and answer, in OpenTelemetry's form of messages."""
        answer = "" if self.output is None else self.output.model_dump_json()
        return {
            "gen_ai.system_instructions": json.dumps([_part(self.instructions)]),
            "gen_ai.input.messages": json.dumps([{"role": "user", "parts": [_part(self.prompt)]}]),
            "gen_ai.output.messages": json.dumps(
                [{"role": "assistant", "parts": [_part(answer)], "finish_reason": "stop"}]
            ),
        }

    def operation(self) -> Operation:
        """Return the call, with its repetitions."""
        live = self.source.origin is Origin.LIVE
        return Operation(name=f"chat {self.model}", seconds=self.seconds, remote=live)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFailed(Event):
    """A role got no reply, after all tries; `error` is the kind of error that comes out."""

    role: Role
    task_id: str
    attempt: int
    seconds: float
    provider: str
    model: str
    error: str

    def attributes(self) -> Mapping[str, Attribute]:
        """Return it by OpenTelemetry's names for generative AI."""
        return {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": self.provider,
            "gen_ai.request.model": self.model,
            "error.type": self.error,
            "playbox.role": self.role.value,
            "playbox.task_id": self.task_id,
            "playbox.attempt": self.attempt,
        }

    def operation(self) -> Operation:
        """Return the call, with its repetitions."""
        return Operation(name=f"chat {self.model}", seconds=self.seconds, remote=True)


def _part(text: str) -> dict[str, str]:
    return {"type": "text", "content": text}


class LanguageModel(Protocol):
    """Answers requests."""

    @property
    def name(self) -> str:
        """The model string, as a user would write it."""
        ...

    async def ask(self, request: Request[T], context: WorkflowContext) -> Reply[T]:
        """Answer `request` within the context's deadline and budget.

        Raises:
            ModelError: one of its leaves, see core/errors.py.
            BudgetExceeded: the call could cost more than is left; it was not made.
            DeadlineExceeded: the context's deadline passed.
        """
        ...
