"""One sandbox of a client: a box of the jail, its contexts and processes, and until when it lives."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from ..local.boxes import Box
from .contexts import Contexts
from .door import matches
from .processes import Processes
from .tasks import Tasks

_ID_CHARACTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
_ID_LENGTH: Final = 26
"""More than 128 bits, in characters that a host name may have."""


class State(StrEnum):
    """As E2B names them."""

    RUNNING = "running"
    PAUSED = "paused"


class AtTimeout(StrEnum):
    """What becomes of a sandbox whose time is up."""

    KILL = "kill"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a client asked for. `timeout_s` is the life of a sandbox from now, or from when it resumes."""

    owner: str
    template: str
    timeout_s: int
    metadata: Mapping[str, str]
    envs: Mapping[str, str]
    at_timeout: AtTimeout = AtTimeout.KILL
    auto_resume: bool = False
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """What opens a sandbox: its id says which, one of its tokens that one may."""

    id: str = field(
        default_factory=lambda: "".join(secrets.choice(_ID_CHARACTERS) for _ in range(_ID_LENGTH))
    )
    access_token: str = field(default_factory=secrets.token_urlsafe, repr=False)
    traffic_token: str = field(default_factory=secrets.token_urlsafe, repr=False)

    def admits(self, token: str | None) -> bool:
        """Whether `token` is one of this sandbox."""
        return token is not None and matches(token, (self.access_token, self.traffic_token))


class Place:
    """A living sandbox. `ends_at` and `state` are the registry's to change."""

    def __init__(self, order: Order, box: Box) -> None:
        self.order, self.box, self.entry = order, box, Pass()
        self.started_at = datetime.now(UTC)
        self.ends_at = self.started_at + timedelta(seconds=order.timeout_s)
        self.state = State.RUNNING
        self.alive = True
        self._tasks = Tasks()
        self.contexts = Contexts(box, order.envs, self._tasks)
        self.processes = Processes(box, order.envs, self._tasks)

    @classmethod
    async def open(cls, order: Order, box: Box) -> Place:
        """Return a sandbox whose default contexts are there already."""
        place = cls(order, box)
        try:
            await place.contexts.begin()
        except BaseException:
            await place.aclose()
            raise
        return place

    def live_for(self, seconds: float) -> None:
        """End so many seconds from now."""
        self.ends_at = datetime.now(UTC) + timedelta(seconds=seconds)

    async def aclose(self) -> None:
        """Kill all that runs in it and free its disk. Whoever still listens finds it dead."""
        self.alive = False
        try:
            await self.box.aclose()
        finally:
            await self._tasks.aclose()
