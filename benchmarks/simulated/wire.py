"""Just enough of HTTP/1.1 for JSON on loopback, with connections that stay open."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

Handler: TypeAlias = Callable[[str, bytes], Awaitable[tuple[int, object]]]
"""Takes target and body, returns status and what becomes JSON."""


@asynccontextmanager
async def listening(handler: Handler, port: int = 0) -> AsyncGenerator[str]:
    """Yield the address at which `handler` answers; port 0 is any free one."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _read(reader)) is not None:
                writer.write(_response(*await handler(*request)))
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", port, backlog=256) as server:
        host, port = server.sockets[0].getsockname()
        yield f"http://{host}:{port}"


async def _read(reader: asyncio.StreamReader) -> tuple[str, bytes] | None:
    """Return target and body of the next request, or None at the end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *fields = head.decode("latin-1").split("\r\n")
    values = dict(field.lower().split(": ", 1) for field in fields if ": " in field)
    return first.split(" ")[1], await reader.readexactly(int(values.get("content-length", "0")))


def _response(status: int, payload: object) -> bytes:
    data = json.dumps(payload).encode()
    head = f"HTTP/1.1 {status} .\r\ncontent-type: application/json\r\ncontent-length: {len(data)}\r\n\r\n"
    return head.encode() + data
