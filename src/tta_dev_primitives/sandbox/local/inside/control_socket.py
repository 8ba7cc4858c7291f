"""Hear the host on a control socket: one message at a time, and the descriptors that come with it."""

from __future__ import annotations

import array
import socket
from collections.abc import Sequence

from .messages import MAX_CONTROL_BYTES


def receive(control: socket.socket, most_descriptors: int) -> tuple[bytes, list[int]]:
    """Return one message, empty when the other side is gone, and its descriptors."""
    # Not socket.recv_fds: that of CPython 3.11 ignores its flags.
    descriptors = array.array("i")
    space = socket.CMSG_SPACE(most_descriptors * descriptors.itemsize)
    try:
        data, ancillary, _, _ = control.recvmsg(MAX_CONTROL_BYTES, space, socket.MSG_CMSG_CLOEXEC)
    except ConnectionResetError:  # it ended before it had read all that it was told
        return b"", []
    for level, kind, content in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            descriptors.frombytes(content[: len(content) - len(content) % descriptors.itemsize])
    return data, list(descriptors)


def send(control: socket.socket, data: bytes, descriptors: Sequence[int]) -> None:
    """Send one message, and copies of these descriptors with it."""
    passed = array.array("i", descriptors)
    control.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, passed)])
