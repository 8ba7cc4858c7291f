"""Checkpoint: the state of a session at one moment, to try several ways to go on from."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ....core.errors import ConfigurationError

if TYPE_CHECKING:
    from .session import Session


class Checkpoint:
    """A copy of a session in which nothing runs. The price of a branch is that of a fork and of its files."""

    def __init__(self, frozen: Session) -> None:
        self._frozen = frozen

    async def branch(self, count: int) -> tuple[Session, ...]:
        """Return `count` sessions that all start from here; the caller closes those it does not keep.

        Raises:
            ConfigurationError: `count` is not a number above 0.
            SandboxCrashed: there is no room for so many.
        """
        if type(count) is not int or count < 1:
            raise ConfigurationError(f"count={count!r} must be a whole number above 0")
        branches: list[Session] = []
        try:
            for _ in range(count):
                branch = await self._frozen.fork()
                branches.append(branch)
        except BaseException:
            async with asyncio.TaskGroup() as group:
                for branch in branches:
                    group.create_task(branch.aclose())
            raise
        return tuple(branches)

    async def aclose(self) -> None:
        """Forget this state; what branched off lives on."""
        await self._frozen.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()
