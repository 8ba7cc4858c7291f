"""KeptSession: one session for many runs, opened when first needed and again after it has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from ..core.errors import ConfigurationError, SessionEnded
from .local import LocalSandbox
from .local.boxes.session import Session
from .types import Execution, Limits, Sandbox


class KeptSession:
    """A session of `sandbox`, with `limits` for all of it together, or those of a box.

    Raises:
        ConfigurationError: the sandbox has no sessions.
    """

    def __init__(self, sandbox: Sandbox, limits: Limits | None) -> None:
        if not isinstance(sandbox, LocalSandbox):
            raise ConfigurationError(
                f"reuse=True needs sessions, which {type(sandbox).__name__} does not have; leave it out, "
                "or use a LocalSandbox"
            )
        self._sandbox, self._limits = sandbox, limits
        self._session: Session | None = None
        self._opening = asyncio.Lock()

    async def run_code(self, code: str, *, envs: Mapping[str, str], limits: Limits) -> Execution:
        """Run one cell.

        Raises:
            SessionEnded: the session is over, and its variables are gone; the next run begins another.
            SandboxError: another of its leaves.
        """
        async with self._opening:
            session = self._session = self._session or await self._opened()
        try:
            return await session.run_code(code, envs=envs, limits=limits)
        except SessionEnded:
            if self._session is session:
                await self.aclose()
            raise

    async def aclose(self) -> None:
        """End the session. Idempotent."""
        session, self._session = self._session, None
        if session is not None:
            await session.aclose()

    async def _opened(self) -> Session:
        if self._limits is None:
            return await self._sandbox.open_session()
        return await self._sandbox.open_session(limits=self._limits)
