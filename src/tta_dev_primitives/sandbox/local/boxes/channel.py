"""A kernel's channel as the host sees it: lines of JSON, in the running event loop."""

from __future__ import annotations

import array
import asyncio
import json
import os
import socket
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from ..given import let_reopen

_CHUNK: Final = 1 << 18
_CREDENTIALS: Final = struct.Struct("3i")


class LineChannel:
    """One end of a socket pair whose other end is in the box.

    `on_line` gets each line, `on_end` is called once when the other end is closed, or said more than
    `most_bytes` since the last message to it, be it one line or many.
    """

    def __init__(self, most_bytes: int) -> None:
        self._socket, self._theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.setblocking(False)  # noqa: FBT003  # that is its signature
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._most_bytes = most_bytes
        self._loop = asyncio.get_running_loop()
        self._buffer = bytearray()
        self._said_bytes = 0
        self._unsent = bytearray()
        self._open = True
        self.on_line: Callable[[bytes], None] = _ignore
        self.on_end: Callable[[], None] = _ignore
        self.peer_pid = 0
        self._loop.add_reader(self._socket, self._read)

    def far_end(self) -> int:
        """Return the descriptor for the box, to be given away once."""
        return self._theirs.detach()

    def send(self, message: Mapping[str, object], descriptors: Sequence[int] = ()) -> None:
        """Send a message, now or when the other side reads; `descriptors` go along and stay the caller's."""
        self._said_bytes = 0
        self._unsent += json.dumps(message).encode("ascii") + b"\n"
        if descriptors and self._open:
            passed = array.array("i", descriptors)
            sent = self._socket.sendmsg([self._unsent[:1]], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, passed)])
            del self._unsent[:sent]
        self._flush()

    def close(self) -> None:
        """Stop listening; the other side sees the end."""
        if self._open:
            self._open = False
            if not self._loop.is_closed():
                self._loop.remove_reader(self._socket)
                self._loop.remove_writer(self._socket)
            self._socket.close()
            self._theirs.close()

    def _flush(self) -> None:
        try:
            while self._unsent and self._open:
                del self._unsent[: self._socket.send(self._unsent)]
        except BlockingIOError:
            self._loop.add_writer(self._socket, self._flush)
            return
        except OSError:
            # It is over; whoever reads hears of that.
            self._unsent.clear()
        if self._open:
            self._loop.remove_writer(self._socket)

    def _read(self) -> None:
        try:
            data = self._receive()
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._said_bytes += len(data)
        self._buffer += data
        for line in self._whole_lines() if b"\n" in data else ():
            if self._open:
                self.on_line(bytes(line))
        if self._open and (not data or self._said_bytes > self._most_bytes):
            self.close()
            self.on_end()

    def _whole_lines(self) -> list[bytearray]:
        *lines, self._buffer = self._buffer.split(b"\n")
        return lines

    def _receive(self) -> bytes:
        if self.peer_pid:
            return self._socket.recv(_CHUNK)
        # The first message comes before any guest code: with it the kernel says who sent it.
        data, ancillary, _, _ = self._socket.recvmsg(_CHUNK, socket.CMSG_SPACE(_CREDENTIALS.size))
        for level, kind, content in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
                self.peer_pid = _CREDENTIALS.unpack(content)[0]
        return data


def _ignore(*_: object) -> None:
    """Nobody listens yet."""


def pipe_from_box() -> tuple[int, int]:
    """Return the host's end, not blocking, and the end for the box."""
    ours, theirs = os.pipe2(os.O_CLOEXEC)
    let_reopen(theirs)
    os.set_blocking(ours, False)
    return ours, theirs
