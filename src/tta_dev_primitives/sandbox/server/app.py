"""All routes of the server, and what becomes of an error."""

from __future__ import annotations

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from ...core.errors import PlayboxError
from .bodies import read_on
from .config import ServerConfig
from .control import ControlPlane
from .door import Door
from .entrance import INTERPRETER_PORT, Entrance
from .faults import Fault, answer
from .files import FileService
from .filesystem_rpc import FilesystemService
from .interpreter import Interpreter
from .process_rpc import ProcessService
from .registry import Registry


def make_app(registry: Registry, config: ServerConfig) -> ASGIApp:
    """Return the server as an ASGI application, behind its door."""
    entrance = Entrance(registry)
    routes = [
        *_health(entrance),
        *ControlPlane(registry, config).routes,
        *Interpreter(entrance).routes,
        *FileService(entrance, config).routes,
        *FilesystemService(entrance).routes,
        *ProcessService(entrance).routes,
    ]
    known = dict.fromkeys((Fault, PlayboxError, ValidationError, Exception), _answer)
    handlers = {HTTPException: _unknown, **known}
    return Door(Starlette(routes=routes, exception_handlers=handlers), config)


def _health(entrance: Entrance) -> list[Route]:
    async def health(request: Request) -> Response:
        """Say that the sandbox that is asked for runs, or that the server does."""
        if "e2b-sandbox-id" not in request.headers:
            return PlainTextResponse("OK")
        await entrance.enter(request)
        if request.headers.get("e2b-sandbox-port") == INTERPRETER_PORT:
            return PlainTextResponse("OK")
        return Response(status_code=204)

    return [Route("/health", health, methods=["GET"])]


async def _answer(request: Request, error: Exception) -> Response:
    await read_on(request)
    return answer(request, error)


async def _unknown(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    await read_on(request)
    return answer(request, Fault(status, f"{request.method} {request.url.path} is not known here"))
