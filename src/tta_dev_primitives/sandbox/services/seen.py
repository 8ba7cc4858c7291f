"""What a scripted service saw: its own account, which the program that called it cannot reach."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Short = Annotated[str, Field(max_length=2000)]
Why = Literal[
    "answered",
    "created",
    "repeated",
    "unauthorized",
    "rate_limited",
    "too_early",
    "not_found",
    "not_allowed",
    "refused",
    "malformed",
    "fault",
]
"""`repeated` is a creation whose key was seen before; `too_early` came before Retry-After was over."""


class _Account(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SeenRequest(_Account):
    """One request, its texts cut at 500 characters, and the answer to it; `fault` is the kind of `Fault`.

    `at_s` are seconds of the service's clock. `digest` is equal for equal requests; headers are no part.
    `told_s` is how long the answer asked to wait, `said` the error in its body.
    """

    at_s: float
    method: Short
    path: Short
    query: Short
    key: Short
    digest: Short
    status: int
    why: Why
    fault: Short
    told_s: float
    said: Short


class SeenItems(_Account):
    """Of one resource: how many of its items were handed out, and the bodies that created others.

    The bodies are the texts that came, cut at 2,000 characters.
    """

    path: Short
    items: int
    served: int
    created: tuple[Short, ...]


class Raised(_Account):
    """The exception that the call ended with: a claim of the program."""

    name: Short
    value: Short
    line: int | None = None


class Seen(_Account):
    """All that happened at a service.

    `waited_s` are the seconds that its client said to wait, on the service's clock; `hung` counts the answers
    that were waited for without a timeout and never came. `elsewhere` are hosts that were asked for and do
    not exist. `returned` (JSON text) and `raised` are claims of the program. `stopped` says why the service
    broke off, if it did: too much of something, or bytes that are none of its channel's.
    """

    requests: tuple[SeenRequest, ...]
    resources: tuple[SeenItems, ...]
    clock_s: float
    waited_s: float
    hung: int
    elsewhere: tuple[Short, ...]
    returned: str | None
    raised: Raised | None
    stopped: Literal[
        "", "too_many_requests", "too_many_connections", "unread_answers", "too_many_bytes", "broken_channel"
    ]
