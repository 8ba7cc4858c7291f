"""In the program's process: `socket.create_connection` and the clock lead to the service over the channel.

With that `http.client` and `urllib.request` work, and whatever else asks `socket` for a connection. It
protects nothing: a program that replaces it can send no more than frames, which the service does not trust.
"""

# ruff: noqa: D102  # the methods of Connection are those of socket.socket

import datetime  # noqa: ICN001  # it is changed
import errno
import io
import queue
import socket
import threading
import time
from typing import Any, Self

from . import frames

EPOCH = 1_750_000_000.0
"""As the service's."""
_TICK_S = 1e-5
"""What a look at the clock takes, so that who waits by looking at it gets on."""
_NOTICED_S = 1e-3
_CHUNK = 1 << 16
_monotonic = time.monotonic
_OF_THE_REAL_CLOCK = (queue,)
"""Imported before the clock is changed, as they wait by the real one."""
_NO_TLS = "TLS is not offered here: the service speaks plain HTTP, so use a URL that begins with http://"


class Line:
    """The channel, for one thread at a time, and the service's clock as last told."""

    def __init__(self, channel: frames.Frames) -> None:
        self._channel = channel
        self._one_at_a_time = threading.RLock()
        self._now, self._looked_s = 0.0, 0.0

    def look(self) -> float:
        """Return seconds since the beginning."""
        self._looked_s += _TICK_S
        return self._now + self._looked_s

    def moment(self) -> float:
        """Return the moment without single looks, whose number differs between versions of Python."""
        return self._now + (self._looked_s if self._looked_s > _NOTICED_S else 0.0)

    def wait(self, seconds: float) -> None:
        """Let the clock go on; nobody waits in truth."""
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        self.ask(frames.WAIT, frames.MOMENT.pack(self.moment() + seconds))

    def ask(self, letter: bytes, content: bytes) -> tuple[bytes, bytes]:
        """Send a frame and return the answer."""
        with self._one_at_a_time:
            self._channel.send(letter, content)
            answer = self._channel.receive()
            if answer is None:
                raise ConnectionResetError(errno.ECONNRESET, "the service is gone")
            (now,) = frames.MOMENT.unpack_from(answer[1])
            self._now, self._looked_s = now, max(0.0, self._now + self._looked_s - now)
            return answer[0], answer[1][frames.MOMENT.size :]

    def tell(self, letter: bytes, content: bytes) -> None:
        """Send a frame that has no answer."""
        with self._one_at_a_time:
            if self._looked_s > _NOTICED_S:
                self.wait(0.0)
            self._channel.send(letter, content)


class Connection:
    """Stands for a connected socket."""

    def __init__(self, line: Line, number: int, timeout: float | None) -> None:
        self._line, self._number = line, number
        self._timeout = timeout
        self._open, self._files = True, 0

    def sendall(self, data: bytes | bytearray | memoryview, flags: int = 0) -> None:
        del flags
        self._check()
        rest = memoryview(data).cast("B")
        for start in range(0, len(rest), _CHUNK):
            part = bytes(rest[start : start + _CHUNK])
            self._line.tell(frames.SEND, frames.CONNECTION.pack(self._number) + part)

    def send(self, data: bytes | bytearray | memoryview, flags: int = 0) -> int:
        self.sendall(data, flags)
        return len(memoryview(data).cast("B"))

    def recv(self, most: int, flags: int = 0) -> bytes:
        del flags
        timeout = -1.0 if self._timeout is None else self._timeout
        letter, data = self._line.ask(
            frames.RECEIVE, frames.ASKED.pack(self._number, min(most, _CHUNK), timeout)
        )
        if letter == frames.LATE:
            raise TimeoutError("timed out")
        if letter == frames.RESET:
            raise ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")
        return data

    def recv_into(self, buffer: bytearray | memoryview, most: int = 0, flags: int = 0) -> int:
        target = memoryview(buffer).cast("B")
        data = self.recv(most or len(target), flags)
        target[: len(data)] = data
        return len(data)

    def makefile(self, mode: str = "r", buffering: int = -1, **text: Any) -> Any:  # noqa: ANN401  # as socket's
        """Return a file as `socket.makefile` does."""
        raw = socket.SocketIO(self, "rwb" if "r" in mode and "w" in mode else mode.strip("bt") + "b")  # type: ignore[arg-type]
        self._files += 1
        if buffering == 0:
            return raw
        size = io.DEFAULT_BUFFER_SIZE if buffering < 0 else buffering
        if "r" in mode and "w" in mode:
            file: Any = io.BufferedRWPair(raw, raw, size)
        else:
            file = io.BufferedWriter(raw, size) if "w" in mode else io.BufferedReader(raw, size)
        return file if "b" in mode else io.TextIOWrapper(file, **text)

    def close(self) -> None:
        self._open = False
        self._end()

    def shutdown(self, how: int) -> None:
        del how

    def settimeout(self, seconds: float | None) -> None:
        self._timeout = None if seconds is None else float(seconds)

    def gettimeout(self) -> float | None:
        return self._timeout

    def setblocking(self, flag: bool) -> None:  # noqa: FBT001  # as socket's
        self._timeout = None if flag else 0.0

    def setsockopt(self, *options: object) -> None:
        """Take any option."""

    def getsockopt(self, *options: object) -> int:
        del options
        raise OSError(errno.EPROTONOSUPPORT, _NO_TLS)  # only TLS asks

    def fileno(self) -> int:
        raise io.UnsupportedOperation("a connection to the service beside the program has no descriptor")

    def getpeername(self) -> tuple[str, int]:
        return "127.0.0.1", 80

    def getsockname(self) -> tuple[str, int]:
        return "127.0.0.1", 40_000 + self._number

    def _decref_socketios(self) -> None:
        self._files -= 1
        self._end()

    def _end(self) -> None:
        if not self._open and self._files <= 0 and self._number:
            self._line.tell(frames.CLOSE, frames.CONNECTION.pack(self._number))
            self._number = 0

    def _check(self) -> None:
        if not self._open:
            raise OSError(errno.EBADF, "Bad file descriptor")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def install(line: Line, *, asynchronous: bool) -> None:
    """Lead this process to the service: connections, and the clock."""
    unset: Any = socket._GLOBAL_DEFAULT_TIMEOUT  # type: ignore[attr-defined]  # noqa: SLF001  # http.client passes it
    default: list[float | None] = [None]

    def connect(
        address: tuple[str, int],
        timeout: Any = unset,  # noqa: ANN401  # as socket's
        source_address: object = None,
        *,
        all_errors: bool = False,
    ) -> Connection:
        """Return a connection to the service, or raise what a wrong address does."""
        del source_address, all_errors
        host, port = address[0], int(address[1])
        if port == 443:  # noqa: PLR2004  # HTTPS
            raise OSError(errno.EPROTONOSUPPORT, _NO_TLS)
        letter, content = line.ask(frames.OPEN, f"{host}:{port}".encode(errors="replace"))
        if letter == frames.NO:
            raise socket.gaierror(socket.EAI_NONAME, f"{host}:{port} does not exist: {content.decode()}")
        (number,) = frames.CONNECTION.unpack(content)
        return Connection(line, number, default[0] if timeout is unset else timeout)

    def set_default(seconds: float | None) -> None:
        default[0] = seconds

    socket.create_connection = connect  # type: ignore[assignment]
    socket.setdefaulttimeout = set_default
    socket.getdefaulttimeout = lambda: default[0]
    _install_clock(line)
    if asynchronous:
        _install_asyncio(line)


def _install_clock(line: Line) -> None:
    time.sleep = line.wait  # type: ignore[assignment]  # of a stricter type
    for name in ("monotonic", "perf_counter"):
        setattr(time, name, line.look)
        setattr(time, f"{name}_ns", lambda: int(line.look() * 1e9))
    time.time = lambda: EPOCH + line.look()
    time.time_ns = lambda: int((EPOCH + line.look()) * 1e9)

    class Moment(datetime.datetime):
        """Knows the time at the service."""

        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> "Moment":
            return cls.fromtimestamp(time.time(), tz)

        @classmethod
        def utcnow(cls) -> "Moment":
            return cls.fromtimestamp(time.time(), datetime.timezone.utc).replace(tzinfo=None)  # noqa: UP017

    Moment.__name__ = Moment.__qualname__ = "datetime"
    datetime.datetime = Moment  # type: ignore[misc]


def _install_asyncio(line: Line) -> None:
    """Let `asyncio.sleep` go by the service's clock; everything else of a loop goes by the real one."""
    import asyncio  # noqa: PLC0415  # it takes long to import, and few programs need it

    sleep = asyncio.sleep

    async def wait(delay: float, result: Any = None) -> Any:  # noqa: ANN401  # as asyncio's
        until = line.moment() + delay
        await sleep(0)
        line.ask(frames.WAIT, frames.MOMENT.pack(until))
        return result

    asyncio.sleep = asyncio.tasks.sleep = wait
    asyncio.BaseEventLoop.time = lambda _: _monotonic()  # type: ignore[method-assign, assignment]
