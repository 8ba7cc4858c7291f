"""Which sandbox a request is for, and whether it may enter: header, host name or signature.

E2B's SDK names the sandbox in a header. A URL for a browser has it in the host name (`49983-ID.localhost`),
or, where all sandboxes share one address, only in its signature, which no other sandbox's token can make.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from typing import Final

from starlette.requests import Request

from .faults import Fault, gone, unsupported
from .place import Place
from .registry import Registry

_HOST: Final = re.compile(r"(?P<port>\d+)-(?P<id>[a-z0-9]+)\.")
_ENVD_PORT: Final = "49983"
INTERPRETER_PORT: Final = "49999"
_USER: Final = "user"


class Entrance:
    """Finds the sandbox of a request."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    async def enter(self, request: Request) -> Place:
        """Return the sandbox that the request names and has a token of.

        Raises:
            Fault: 502, no such sandbox runs; 401, a wrong token; 501, a port of a program inside.
        """
        named = _named(request)
        if named is None:
            raise gone("")
        sandbox_id, port = named
        if port not in (_ENVD_PORT, INTERPRETER_PORT):
            raise unsupported(f"port {port} of a sandbox, which has no network")
        headers = request.headers
        token = headers.get("x-access-token") or headers.get("e2b-traffic-access-token")
        return await self._registry.entered(sandbox_id, token)

    async def enter_for_file(self, request: Request, operation: str) -> Place:
        """Return the sandbox whose file is to be read or written; a signature opens it as well."""
        query = request.query_params
        signature = query.get("signature")
        if signature is None:
            return await self.enter(request)
        expiration, named = query.get("signature_expiration"), _named(request)
        signed = f"{query.get('path', '')}:{operation}:{query.get('username', '')}:"

        def fits(place: Place) -> bool:
            own = named is None or named[0] == place.entry.id
            return own and hmac.compare_digest(
                _sign(signed, place.entry.access_token, expiration).encode(), signature.encode()
            )

        # First, as a request that comes in may wake the sandbox up.
        if expiration is not None and _moment(expiration) < time.time():
            raise Fault(401, "signature is already expired")
        return await self._registry.signed(fits)


def check_user(name: str | None) -> None:
    """Refuse to act as another user than the one that a sandbox has.

    Raises:
        Fault: 501.
    """
    if name not in (None, "", _USER):
        raise unsupported(f"acting as {name!r} (a sandbox has one unprivileged user, {_USER!r})")


def user_of(request: Request) -> str | None:
    """Return the user that an RPC is to act as; E2B sends it as basic authentication without a password."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[0]
    except ValueError:
        raise Fault(400, "the Authorization header cannot be read") from None


def _moment(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise Fault(400, f"signature_expiration={text!r} is not a number") from None


def _named(request: Request) -> tuple[str, str] | None:
    """Return the id and port that the request names."""
    headers = request.headers
    if "e2b-sandbox-id" in headers:
        return headers["e2b-sandbox-id"], headers.get("e2b-sandbox-port", _ENVD_PORT)
    host = _HOST.match(headers.get("host", ""))
    return (host["id"], host["port"]) if host else None


def _sign(signed: str, token: str, expiration: str | None) -> str:
    text = signed + token + ("" if expiration is None else f":{expiration}")
    digest = hashlib.sha256(text.encode()).digest()
    return "v1_" + base64.b64encode(digest).rstrip(b"=").decode()
