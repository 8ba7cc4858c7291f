"""Bodies of requests, read no further than they may be long."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from typing import Final, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from starlette.requests import ClientDisconnect, Request

from .config import JSON_BYTES
from .faults import Fault

M = TypeVar("M", bound=BaseModel)

REST_S: Final = 5.0
"""For a body that nobody wants to come to its end."""
_GZIP: Final = 16 + zlib.MAX_WBITS
"""Tells zlib to expect gzip's header and trailer."""


class Wire(BaseModel):
    """A message of a client. Fields that later versions add are passed over, as protocol buffers do."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)


async def read_json(request: Request, kind: type[M]) -> M:
    """Return the body as a message.

    Raises:
        Fault: 413, it is too long.
        ValidationError: it is no such message.
    """
    return kind.model_validate_json(await read_body(request, JSON_BYTES) or b"{}")


async def read_body(request: Request, most: int) -> bytes:
    """Return the body, at most `most` bytes of it, also after decompression.

    Raises:
        Fault: 413, it is longer; 415, it is compressed in a way that is not gzip.
    """
    return b"".join([chunk async for chunk in chunks(request, most)])


async def chunks(request: Request, most: int) -> AsyncGenerator[bytes]:
    """Yield the body as it comes; errors as `read_body`."""
    stream, left = request.stream(), most
    match request.headers.get("content-encoding", "identity"):
        case "identity":
            pass
        case "gzip":
            stream = _inflated(stream, most)
        case other:
            raise Fault(415, f"Content-Encoding {other!r} is not supported")
    async for chunk in stream:
        left -= len(chunk)
        if left < 0:
            raise Fault(413, f"the body is longer than {most} bytes")
        if chunk:
            yield chunk


async def read_on(request: Request) -> None:
    """Read what is left of a body that nobody wants, if its length is known and not much.

    A connection with unread data is reset when it is closed, and takes the answer along.
    """
    length = request.headers.get("content-length", "")
    if not (length.isascii() and length.isdigit()) or int(length) > JSON_BYTES:
        return
    # It was read already, nobody waits for the answer, or it does not come.
    with suppress(RuntimeError, ClientDisconnect, TimeoutError):
        async with asyncio.timeout(REST_S):
            async for _ in request.stream():
                pass


async def _inflated(stream: AsyncIterator[bytes], most: int) -> AsyncGenerator[bytes]:
    decompressor, left = zlib.decompressobj(_GZIP), most
    try:
        async for chunk in stream:
            # One byte more than may be: enough to notice, too little to hurt.
            out = decompressor.decompress(chunk, left + 1)
            left -= len(out)
            yield out
    except zlib.error as error:
        raise Fault(400, f"the body is not gzip: {error}") from None
    if not decompressor.eof:
        raise Fault(400, "the body ends within its gzip stream")
