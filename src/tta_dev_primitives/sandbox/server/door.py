"""The network door: who is let in at all, before any route is looked at.

A page in a browser can send requests to loopback, also under a name of its own that it had resolved to
loopback (DNS rebinding). So a request with an Origin is refused, and on loopback so is a Host that is not of
this machine.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from .config import ServerConfig
from .faults import Fault, Severed

_LOCAL_NAMES: Final = ("localhost", "127.0.0.1", "[::1]")


class Door:
    """Lets in what no web page can have sent; outermost of all."""

    def __init__(self, app: ASGIApp, config: ServerConfig) -> None:
        self._app, self._config = app, config

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403 to what may not come in, and hand on the rest."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            refusal = self._refusal(Headers(scope=scope))
            if refusal is not None:
                await JSONResponse({"code": 403, "message": refusal}, 403)(scope, receive, send)
                return
            try:
                await self._app(scope, receive, send)
            except Severed:
                return  # without the end of the response, so that the server cuts the connection

    def _refusal(self, headers: Headers) -> str | None:
        if "origin" in headers:
            return "requests of web pages are refused"
        host = headers.get("host", "")
        if self._config.loopback and not _is_local(host, self._config.host):
            return f"Host {host!r} is not a name of this machine"
        return None


def _is_local(host: str, own: str) -> bool:
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    return name in (*_LOCAL_NAMES, own) or name.endswith(".localhost")


def owner_of(key: str | None, config: ServerConfig) -> str:
    """Return who a request with this API key acts for: a digest, so that no key is kept or printed.

    Raises:
        Fault: 401, the key is missing or unknown.
    """
    if not key:
        raise Fault(401, "the API key is missing (X-API-KEY)")
    digest = _digest(key)
    if config.keys and not matches(digest, map(_digest, config.keys)):
        raise Fault(401, "the API key is unknown")
    return digest


def matches(given: str, known: Iterable[str]) -> bool:
    """Whether `given` is one of `known`, in a time that does not tell how nearly."""
    found = [hmac.compare_digest(given.encode(), one.encode()) for one in known]
    return any(found)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
