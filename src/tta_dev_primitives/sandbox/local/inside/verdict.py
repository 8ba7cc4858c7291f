"""How a run ended, as the process that reaped it tells the host, on a pipe that the guest never has."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

MAX_BYTES: Final = 2048
"""One message, written at once; a pipe delivers it whole."""
_ENDED, _FAILED = b"S", b"F"
_FORM: Final = struct.Struct(">cIdQ?")
_MAX_REASON_BYTES: Final = 1000


class Verdict(NamedTuple):
    """The guest's wait status, what it and all its children used, and whether nothing of them is left."""

    wait_status: int
    cpu_s: float
    peak_memory_bytes: int
    gone: bool = False


class NotConfined(NamedTuple):
    """The run never started."""

    reason: str


def ended(verdict: Verdict) -> bytes:
    """Return the message that says how a run ended."""
    return _FORM.pack(_ENDED, *verdict)


def failed(error: BaseException) -> bytes:
    """Return the message that says why a run could not start."""
    reason = f"{type(error).__name__}: {error}".replace("\0", "?")
    return _FAILED + reason.encode(errors="replace")[:_MAX_REASON_BYTES] + b"\0"


def parse(message: bytes) -> Verdict | NotConfined:
    """Return what the first message says.

    Raises:
        ValueError: it is no such message.
    """
    if message.startswith(_FAILED):
        return NotConfined(message[1:].partition(b"\0")[0].decode(errors="replace"))
    if not message.startswith(_ENDED) or len(message) != _FORM.size:
        raise ValueError(f"malformed verdict {message[:80]!r}")
    _, *fields = _FORM.unpack(message)
    return Verdict(*fields)
