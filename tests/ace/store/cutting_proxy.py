"""A way to a server that cuts the connection at a chosen moment, as a network does."""

from __future__ import annotations

import select
import socket
import threading
import time
from enum import StrEnum
from typing import Final

_PAUSE_S: Final = 0.1  # for the server to do what it was sent


class Cut(StrEnum):
    """When: before the server gets the message, or after it has done what the message says."""

    BEFORE = "before"
    AFTER = "after"


class CuttingProxy:
    """Listens on `port` for one server; cuts the first connection that sends `at`, and then no more.

    Nothing is cut before `armed` is set.
    """

    def __init__(self, server_port: int, *, at: bytes, cut: Cut) -> None:
        self._server, self._at, self._cut = server_port, at, cut
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.cuts, self.armed = 0, False
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._server)) as server:
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    data = ready.recv(1 << 16)
                    if not data or (ready is client and self._is_cut(data, server)):
                        return
                    (server if ready is client else client).sendall(data)

    def _is_cut(self, data: bytes, server: socket.socket) -> bool:
        if not self.armed or self.cuts or self._at not in data:
            return False
        self.cuts += 1
        if self._cut is Cut.AFTER:
            server.sendall(data)
            time.sleep(_PAUSE_S)
        return True
