"""What goes wrong, in the shapes that E2B answers with: the control plane's, the interpreter's, an RPC's."""

from __future__ import annotations

import errno
import logging
from collections.abc import Mapping
from typing import Final

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from ...core.errors import (
    BoxFileMissing,
    BoxFileRefused,
    ConfigurationError,
    PlayboxError,
    SandboxUnavailable,
)

_log: Final = logging.getLogger(__name__)
_NO_HEADERS: Final[Mapping[str, str]] = {}
_RPC: Final = ("/process.Process/", "/filesystem.Filesystem/")
_INTERPRETER: Final = ("/execute", "/contexts")

_CODES: Final = {
    400: ("invalid_argument", 400),
    401: ("unauthenticated", 401),
    403: ("permission_denied", 403),
    404: ("not_found", 404),
    409: ("already_exists", 409),
    413: ("resource_exhausted", 429),
    415: ("invalid_argument", 415),
    429: ("resource_exhausted", 429),
    501: ("unimplemented", 501),
    502: ("unavailable", 503),
    503: ("unavailable", 503),
    504: ("deadline_exceeded", 504),
    507: ("resource_exhausted", 429),
}
"""HTTP status to a code of the Connect protocol and the status that goes with it.

Source: connectrpc.com, Protocol Reference, "Error Codes".
"""
_UNKNOWN: Final = ("internal", 500)
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_WRONG_KIND: Final = (errno.EISDIR, errno.ENOTDIR, errno.EINVAL, errno.ENAMETOOLONG, errno.ELOOP)


class Fault(Exception):
    """An answer that is no success: an HTTP status and a message for the caller."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] = _NO_HEADERS) -> None:
        super().__init__(message)
        self.status, self.message, self.headers = status, message, headers

    @property
    def rpc(self) -> dict[str, str]:
        """The error as a Connect message."""
        return {"code": _CODES.get(self.status, _UNKNOWN)[0], "message": self.message}


class Severed(Exception):
    """A response that has begun cannot go on, as its sandbox is gone: the connection is cut."""


def unsupported(feature: str) -> Fault:
    """Return the answer to a request for what the embedded jail does not have."""
    return Fault(501, f"{feature}: not supported by the local sandbox server")


def gone(sandbox_id: str) -> Fault:
    """Return what E2B's proxy says of a sandbox that is not running; clients look for "was not found"."""
    return Fault(502, f"The sandbox {sandbox_id!r} was not found")


def fault_of(error: Exception) -> Fault:  # noqa: PLR0911  # a return for each kind of error
    """Return what a caller is told about `error`; details of what should not happen stay here."""
    match error:
        case Fault():
            return error
        case BoxFileMissing():
            return Fault(404, str(error))
        case BoxFileRefused():
            return Fault(_refusal(error.errno), str(error))
        case ConfigurationError():
            return Fault(400, str(error))
        case ValidationError():
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            return Fault(400, f"{where or 'body'}: {first['msg']}")
        case SandboxUnavailable():
            return unsupported(str(error))
        case Severed():
            return Fault(502, "the sandbox went away")
        case PlayboxError():
            return Fault(500, f"the sandbox failed: {error}")
        case _:
            _log.error("a request failed", exc_info=error)
            return Fault(500, "internal error")


def answer(request: Request, error: Exception) -> Response:
    """Return `error` as a response of the service that was asked."""
    fault, path = fault_of(error), request.url.path
    headers = dict(fault.headers)
    if path.startswith(_RPC) and fault.status not in (401, 502):
        status = _CODES.get(fault.status, _UNKNOWN)[1]
        return JSONResponse(fault.rpc, status, headers)
    if path.startswith(_INTERPRETER):
        return PlainTextResponse(fault.message, fault.status, headers)
    return JSONResponse({"code": fault.status, "message": fault.message}, fault.status, headers)


def _refusal(number: int | None) -> int:
    if number in _FULL:
        return 507
    return 400 if number in _WRONG_KIND else 403
