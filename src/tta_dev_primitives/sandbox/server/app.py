"""All routes of the server, and the features of E2B that it does not have, by name."""

from __future__ import annotations

from typing import Final

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from ...core.errors import PlayboxError
from .config import ServerConfig
from .control import ControlPlane
from .door import Door
from .entrance import INTERPRETER_PORT, Entrance
from .faults import Fault, answer, unsupported
from .files import FileService
from .filesystem_rpc import FilesystemService
from .interpreter import Interpreter
from .process_rpc import ProcessService
from .registry import Registry

_MISSING: Final = {
    "/templates": "templates",
    "/v2/templates": "templates",
    "/v3/templates": "templates",
    "/snapshots": "snapshots",
    "/volumes": "volumes",
    "/volumecontent": "volumes",
    "/secrets": "secrets",
    "/teams": "teams",
    "/nodes": "nodes",
    "/events": "events",
    "/files/compose": "composing files",
    "/envs": "reading the environment",
    "/metrics": "metrics",
    "/sandboxes/metrics": "metrics",
    "/sandboxes/{sandbox_id}/metrics": "metrics",
    "/sandboxes/{sandbox_id}/logs": "logs of a sandbox",
    "/v2/sandboxes/{sandbox_id}/logs": "logs of a sandbox",
    "/sandboxes/{sandbox_id}/snapshots": "snapshots",
    "/sandboxes/{sandbox_id}/fork": "forking a sandbox",
    "/sandboxes/{sandbox_id}/network": "rules for the network",
}
_ANY: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


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
        *_missing(),
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


def _missing() -> list[Route]:
    routes: list[Route] = []
    for path, feature in _MISSING.items():

        async def refuse(_request: Request, feature: str = feature) -> Response:
            raise unsupported(feature)

        routes.append(Route(path, refuse, methods=_ANY))
        if path.count("/") == 1 or path.startswith("/v"):
            routes.append(Route(path + "/{rest:path}", refuse, methods=_ANY))
    return routes


async def _answer(request: Request, error: Exception) -> Response:
    return answer(request, error)


async def _unknown(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return answer(request, Fault(status, f"{request.method} {request.url.path} is not known here"))
