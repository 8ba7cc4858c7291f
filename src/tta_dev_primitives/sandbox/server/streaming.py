"""Responses that are told piece by piece, and stop their source when the client goes away."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.responses import StreamingResponse
from starlette.types import Send


class Stream(StreamingResponse):
    """A response from a generator, which is closed with the response and not at some later time."""

    def __init__(self, source: AsyncGenerator[bytes], media_type: str) -> None:
        super().__init__(source, media_type=media_type)
        self._source = source

    async def stream_response(self, send: Send) -> None:
        """Send all of it; called by starlette."""
        async with aclosing(self._source):
            await super().stream_response(send)
