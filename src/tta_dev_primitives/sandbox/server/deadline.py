"""A deadline for the head of each request: connections are few, and not for those who ask for nothing."""

from __future__ import annotations

import asyncio
from typing import Final

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S: Final = 10.0
"""From the connection, or from the first byte of a later request."""


class DeadlineProtocol(H11Protocol):
    """HTTP by h11, whose connections are closed when no request is complete in time."""

    _closing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its base
        """Begin to wait; called by asyncio."""
        super().connection_made(transport)
        self._mind()

    def data_received(self, data: bytes) -> None:
        """Read on; called by asyncio."""
        super().data_received(data)
        self._mind()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more; called by asyncio."""
        self._stop()
        super().connection_lost(exc)

    @property
    def _is_answering(self) -> bool:
        return bool(self.cycle) and not self.cycle.response_complete

    def _mind(self) -> None:
        if self._is_answering:
            self._stop()
        elif self._closing is None:
            self._closing = self.loop.call_later(HEAD_S, self._close)

    def _stop(self) -> None:
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None

    def _close(self) -> None:
        self._closing = None
        if not self._is_answering:
            self.transport.close()
