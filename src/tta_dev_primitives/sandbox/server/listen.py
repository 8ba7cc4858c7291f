"""Listens on a port and serves until it is cancelled. Needs the extra `serve`."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import Final

import uvicorn

from ...core.errors import ConfigurationError
from ..local import LocalSandbox
from .app import make_app
from .config import ServerConfig
from .deadline import DeadlineProtocol
from .registry import Registry

_BACKLOG: Final = 128
_GRACE_S: Final = 1
"""For requests that are being answered when the server is told to stop."""
_MOST_AT_ONCE: Final = 512
"""Connections; more are answered 503."""


class _Server(uvicorn.Server):
    """Leaves signals to whoever runs it, and says when it has started."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Capture none."""
        yield


async def listen(config: ServerConfig, sandbox: LocalSandbox, ready: Callable[[str], None]) -> None:
    """Serve until cancelled, then kill every sandbox; `ready` is told the URL once requests are answered.

    Raises:
        ConfigurationError: the address cannot be used.
    """
    with _bound(config) as listener:
        registry = Registry(sandbox, config)
        server = _Server(
            uvicorn.Config(
                make_app(registry, config),
                http=DeadlineProtocol,
                ws="none",
                lifespan="off",
                log_level="critical",
                access_log=False,
                server_header=False,
                limit_concurrency=_MOST_AT_ONCE,
                timeout_graceful_shutdown=_GRACE_S,
            )
        )
        expiry = asyncio.create_task(registry.expire())
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            await server.ready.wait()
            ready(_url(config, listener))
            await asyncio.shield(serving)
        finally:
            server.should_exit = True
            expiry.cancel()
            await registry.aclose()
            with suppress(asyncio.CancelledError):
                await serving


@contextmanager
def _bound(config: ServerConfig) -> Generator[socket.socket]:
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    # With its name, or asyncio does not know TCP when it sees it, and small answers wait 40 ms (Nagle).
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((config.host, config.port))
        except OSError as error:
            raise ConfigurationError(
                f"cannot listen on {config.host} port {config.port}: {error.strerror}; choose another"
            ) from error
        listener.listen(_BACKLOG)
        yield listener


def _url(config: ServerConfig, listener: socket.socket) -> str:
    host = f"[{config.host}]" if ":" in config.host else config.host
    return f"http://{host}:{listener.getsockname()[1]}"
