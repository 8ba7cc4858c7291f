"""The channel between a program and its service: frames of one letter, a length and so many bytes.

From the program: Open, Send, Receive, Close, Wait, Value. From the service, to what asks for an answer: Yes,
No, Data, Late, Reset, each with the service's clock before it.
"""

import os
import struct

OPEN, SEND, RECEIVE, CLOSE, WAIT, VALUE = b"O", b"S", b"R", b"C", b"W", b"V"
READY, YES, NO, DATA, LATE, RESET = b"!", b"Y", b"N", b"D", b"L", b"X"
MOST = 1 << 20
"""Bytes in a frame."""
CONNECTION = struct.Struct(">I")
ASKED = struct.Struct(">IId")
"""Of Receive: connection, most bytes, seconds to wait; below 0 is for ever."""
MOMENT = struct.Struct(">d")
_HEADER = struct.Struct(">cI")
_CHUNK = 1 << 16


class BrokenChannelError(Exception):
    """What came is no frame."""


class Frames:
    """Reads frames from one descriptor and writes them to another."""

    def __init__(self, source: int, sink: int) -> None:
        self._source, self._sink = source, sink
        self._buffer = bytearray()

    def receive(self) -> tuple[bytes, bytes] | None:
        """Return letter and content of the next frame; None when no whole one comes any more."""
        if not self._fill(_HEADER.size):
            return None
        letter, size = _HEADER.unpack_from(self._buffer)
        if size > MOST:
            raise BrokenChannelError
        if not self._fill(_HEADER.size + size):
            return None
        content = bytes(self._buffer[_HEADER.size : _HEADER.size + size])
        del self._buffer[: _HEADER.size + size]
        return letter, content

    def send(self, letter: bytes, content: bytes) -> None:
        """Write a frame."""
        data = memoryview(_HEADER.pack(letter, len(content)) + content)
        while data:
            data = data[os.write(self._sink, data) :]

    def _fill(self, size: int) -> bool:
        while len(self._buffer) < size:
            data = os.read(self._source, _CHUNK)
            if not data:
                return False
            self._buffer += data
        return True
