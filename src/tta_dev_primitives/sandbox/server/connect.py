"""The Connect protocol with its JSON codec: unary calls, streams of answers, streams of requests.

A streamed message is five bytes, flags and length, and then JSON; the last one says whether all went well.
Source: connectrpc.com, Protocol Reference.
"""

from __future__ import annotations

import json
import struct
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Final, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .bodies import Wire, read_json
from .config import JSON_BYTES
from .faults import Fault, Severed, fault_of
from .streaming import Stream

M = TypeVar("M", bound=Wire)
Message = Mapping[str, object]

_UNARY: Final = "application/json"
_STREAM: Final = "application/connect+json"
_HEAD: Final = struct.Struct(">BI")
_COMPRESSED: Final = 1
_LAST: Final = 2


async def unary(request: Request, kind: type[M], work: Callable[[M], Awaitable[Message]]) -> Response:
    """Answer a call that takes one message and returns one."""
    _expect(request, _UNARY)
    return JSONResponse(await work(await read_json(request, kind)))


async def server_stream(
    request: Request, kind: type[M], work: Callable[[M], AsyncGenerator[Message]]
) -> Response:
    """Answer a call that takes one message and returns a stream; errors come at its end."""
    _expect(request, _STREAM)
    async with aclosing(messages(request, kind)) as given:
        message = await anext(given, None)
    if message is None:
        raise Fault(400, "the request holds no message")
    return Stream(_frames(work(message)), _STREAM)


async def client_stream(
    request: Request, kind: type[M], work: Callable[[AsyncIterator[M]], Awaitable[Message]]
) -> Response:
    """Answer a call that takes a stream and returns one message."""
    _expect(request, _STREAM)
    frames: list[bytes] = []
    # Whole, and no stream: that one would listen for the client's end while this reads what the client says.
    async with aclosing(_frames(_one(work(messages(request, kind))))) as told:
        frames += [frame async for frame in told]
    return Response(b"".join(frames), media_type=_STREAM)


async def messages(request: Request, kind: type[M]) -> AsyncGenerator[M]:
    """Yield the messages of a body as they come, each at most JSON_BYTES long."""
    buffer = bytearray()
    async for chunk in request.stream():
        buffer += chunk
        while (message := _taken(buffer)) is not None:
            yield kind.model_validate_json(message)
    if buffer:
        raise Fault(400, "the body ends within a message")


def timeout_s(request: Request) -> float | None:
    """Return how long the caller waits, or None for ever."""
    given = request.headers.get("connect-timeout-ms", "")
    return int(given) / 1000 if given.isascii() and given.isdigit() else None


def _expect(request: Request, media_type: str) -> None:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != media_type:
        raise Fault(415, f"Content-Type {given!r} is not supported: only the JSON codec is ({media_type})")


def _taken(buffer: bytearray) -> bytes | None:
    """Take the first whole message out of `buffer`."""
    if len(buffer) < _HEAD.size:
        return None
    flags, length = _HEAD.unpack_from(buffer)
    if flags & _COMPRESSED:
        raise Fault(501, "compressed messages are not supported")
    if length > JSON_BYTES:
        raise Fault(413, f"a message is longer than {JSON_BYTES} bytes")
    end = _HEAD.size + length
    if len(buffer) < end:
        return None
    message = bytes(buffer[_HEAD.size : end])
    del buffer[:end]
    return message


async def _frames(answers: AsyncGenerator[Message]) -> AsyncGenerator[bytes]:
    trailer: Message = {}
    try:
        async with aclosing(answers):
            async for message in answers:
                yield _frame(0, message)
    except Severed:
        raise
    except Exception as error:  # noqa: BLE001  # the status was sent, so that this is the only place for it
        trailer = {"error": fault_of(error).rpc}
    yield _frame(_LAST, trailer)


async def _one(answer: Awaitable[Message]) -> AsyncGenerator[Message]:
    yield await answer


def _frame(flags: int, message: Message) -> bytes:
    data = json.dumps(message).encode()
    return _HEAD.pack(flags, len(data)) + data
