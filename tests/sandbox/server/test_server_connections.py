"""How the server's connections are set up, seen at their ends in this process."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import closing
from urllib.parse import urlsplit

from tests.sandbox.server.serving import Served


def server_end(client: socket.socket) -> socket.socket | None:
    """A duplicate of the socket that the server accepted for `client`."""
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208  # names are what is needed
        try:
            found = socket.socket(fileno=os.dup(int(name)))
        except OSError:
            continue
        try:
            if found.getpeername() == client.getsockname():
                return found
        except OSError:
            pass
        found.close()
    return None


def test_small_answers_do_not_wait_for_each_other(
    server: Served, until: Callable[[Callable[[], bool]], None]
) -> None:
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port)) as client:
        found: list[socket.socket] = []

        def accepted() -> bool:
            end = server_end(client)
            found.extend([] if end is None else [end])
            return bool(found)

        until(accepted)
        with closing(found[0]) as end:
            assert end.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
