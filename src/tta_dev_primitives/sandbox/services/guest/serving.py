"""The service's process: takes frames from the program's box, answers them, and in the end gives its account.

Nothing here trusts what comes. What is no frame, or too much, ends the service with its account.
"""

import json
import math
import os
import struct
from typing import NoReturn

from . import frames
from .parsing import Malformed, Request, Requests
from .scripted import Answer, Config, Scripted, encoded, on_a_line

_MOST_CONNECTIONS = 1000
_MOST_UNREAD = 32 << 20
"""Bytes of answers that wait for their client, over all connections; one more answer may come on top."""
_MOST_ANSWERED = 128 << 20
"""Bytes of all answers, or who asks for large ones in a row would keep the service busy for minutes."""
_MOST_TEXT, _SHORT = 1 << 18, 2000
_HANGS_FOR_S = 3600.0
"""Who waits without a timeout for what never comes waits so long."""
_LONGEST_WAIT_S = 1e6


class _Stopped(Exception):
    """The service hears no more."""


class _Connection:
    def __init__(self) -> None:
        self.requests = Requests()
        self.outgoing = bytearray()
        self.ended, self.reset, self.stalled = False, False, False

    @property
    def hears(self) -> bool:
        """Whether another request on it would be answered."""
        return not (self.ended or self.stalled)


class _Desk:
    """The connections, the clock, and what was told about the call."""

    def __init__(self, channel: frames.Frames, given: Config) -> None:
        self._channel, self._given, self._scripted = channel, given, Scripted(given)
        self._connections: dict[int, _Connection] = {}
        self._opened, self._unread, self._answered = 0, 0, 0
        self._now, self._waited, self._hung = 0.0, 0.0, 0
        self._elsewhere: list[str] = []
        self._value: Config | None = None

    def take(self, letter: bytes, content: bytes) -> None:
        """Do what one frame asks for."""
        try:
            self._actions[letter](self, content)
        except (LookupError, TypeError, ValueError, RecursionError, struct.error) as error:
            raise frames.BrokenChannelError from error

    def account(self, stopped: str) -> Config:
        """Return all that happened."""
        value = self._value or {}
        return {
            "requests": self._scripted.requests,
            "resources": self._scripted.account(),
            "clock_s": self._now,
            "waited_s": self._waited,
            "hung": self._hung,
            "elsewhere": self._elsewhere,
            "returned": value.get("returned"),
            "raised": value.get("raised"),
            "stopped": stopped,
        }

    def _open(self, content: bytes) -> None:
        host, _, port = content.decode(errors="replace").rpartition(":")
        if (host, port) != (self._given["host"], "80"):
            if len(self._elsewhere) < 100:  # noqa: PLR2004  # more tell nothing
                self._elsewhere.append(on_a_line(f"{host}:{port}"[:200]))
            self._reply(frames.NO, f"there is only http://{self._given['host']}".encode())
            return
        self._opened += 1
        if self._opened > _MOST_CONNECTIONS:
            raise _Stopped("too_many_connections")
        self._connections[self._opened] = _Connection()
        self._reply(frames.YES, frames.CONNECTION.pack(self._opened))

    def _send(self, content: bytes) -> None:
        (number,) = frames.CONNECTION.unpack_from(content)
        connection = self._connections.get(number)
        if connection is None or not connection.hears:
            return
        connection.requests.feed(content[frames.CONNECTION.size :])
        while connection.hears and (request := connection.requests.next()) is not None:
            if len(self._scripted.requests) >= self._given["most_requests"]:
                raise _Stopped("too_many_requests")
            if self._unread > _MOST_UNREAD:
                raise _Stopped("unread_answers")
            if self._answered > _MOST_ANSWERED:
                raise _Stopped("too_many_bytes")
            self._now += self._given["latency_s"]
            answer = self._scripted.answer(request, self._now)
            self._put(connection, request, answer)

    def _put(self, connection: _Connection, request: Request | Malformed, answer: Answer) -> None:
        """Lay the answer ready, or what befalls it."""
        method = "" if isinstance(request, Malformed) else request.method
        closes = isinstance(request, Malformed) or request.closes or answer.fault == "truncated"
        connection.stalled = answer.fault == "stall"
        connection.reset = answer.fault in {"reset", "lost"}
        connection.ended = connection.reset or (closes and not connection.stalled)
        if not (connection.reset or connection.stalled):
            data = encoded(answer, self._now, method=method, closes=closes)
            connection.outgoing += data
            self._unread += len(data)
            self._answered += len(data)

    def _receive(self, content: bytes) -> None:
        number, most, timeout_s = frames.ASKED.unpack(content)
        connection = self._connections.get(number)
        if connection is None:
            self._reply(frames.RESET)
        elif connection.outgoing:
            data = bytes(connection.outgoing[: min(most, frames.MOST // 2)])
            del connection.outgoing[: len(data)]
            self._unread -= len(data)
            self._reply(frames.DATA, data)
        elif connection.ended:
            self._reply(frames.RESET if connection.reset else frames.DATA)
        elif timeout_s >= 0:
            self._advance(timeout_s)
            self._reply(frames.LATE)
        else:
            self._hung += 1
            self._advance(_HANGS_FOR_S)
            connection.ended = connection.reset = True
            self._reply(frames.RESET)

    def _close(self, content: bytes) -> None:
        (number,) = frames.CONNECTION.unpack(content)
        closed = self._connections.pop(number, None)
        self._unread -= len(closed.outgoing) if closed else 0

    def _wait(self, content: bytes) -> None:
        """Let the clock stand at the moment that a waiting client waits for, if that is still to come."""
        (until,) = frames.MOMENT.unpack(content)
        self._advance(until - self._now)
        self._reply(frames.YES)

    def _advance(self, seconds: float) -> None:
        if math.isnan(seconds) or seconds <= 0:
            return
        seconds = min(seconds, _LONGEST_WAIT_S)
        self._now += seconds
        self._waited += seconds

    def _tell(self, content: bytes) -> None:
        """Keep what the call gave; the first word counts."""
        if self._value is not None:
            return
        told = json.loads(content)
        returned, name, value, line = told["returned"], told["name"], told["value"], told["line"]
        if returned is not None:
            self._value = {"returned": _text(returned, _MOST_TEXT), "raised": None}
            return
        place = line if type(line) is int and 0 < line < _MOST_TEXT else None
        raised = {"name": _text(name, _SHORT), "value": _text(value, _SHORT), "line": place}
        self._value = {"returned": None, "raised": raised}

    def _reply(self, letter: bytes, content: bytes = b"") -> None:
        self._channel.send(letter, frames.MOMENT.pack(self._now) + content)

    _actions = {  # noqa: RUF012  # a table of methods
        frames.OPEN: _open,
        frames.SEND: _send,
        frames.RECEIVE: _receive,
        frames.CLOSE: _close,
        frames.WAIT: _wait,
        frames.VALUE: _tell,
    }


def _text(text: object, most: int) -> str:
    """Return a text that JSON can hold."""
    if not isinstance(text, str):
        raise TypeError
    return text[:most].encode(errors="replace").decode()


def main(source: int, sink: int, given: Config) -> NoReturn:
    """Serve until the program's end of the channel is closed, then write the account to standard error."""
    channel = frames.Frames(source, sink)
    desk, stopped = _Desk(channel, given), ""
    channel.send(frames.READY, b"")
    try:
        while (frame := channel.receive()) is not None:
            desk.take(*frame)
    except _Stopped as why:
        stopped = str(why)
    except frames.BrokenChannelError:
        stopped = "broken_channel"
    except BrokenPipeError:
        pass  # the program is gone, and nobody hears the answer
    data = memoryview(json.dumps(desk.account(stopped)).encode())
    while data:
        data = data[os.write(2, data) :]
    os._exit(0)
