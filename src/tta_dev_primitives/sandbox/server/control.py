"""E2B's control plane: make sandboxes, list them, say how long they live, pause, resume and kill them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Final
from urllib.parse import parse_qsl, unquote

from pydantic import Field, TypeAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .bodies import Wire, read_json
from .config import LONGEST_LIFE_S, ServerConfig
from .door import owner_of
from .faults import Fault, unsupported
from .place import AtTimeout, Order, Place, State
from .registry import Registry

ENVD_VERSION: Final = "0.6.7"
"""Of E2B's daemon: the version whose protocol is answered, by which the SDK decides what to ask for."""
_CLIENT_ID: Final = "playbox"
_TEMPLATES: Final = ("base", "code-interpreter", "code-interpreter-v1")
_PAGE: Final = 100
_MIB: Final = 1 << 20
_HARMLESS_NETWORK: Final = frozenset({"allowPublicTraffic", "denyOut"})
"""Wishes that a sandbox without any network fulfils."""

_ANY: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_MISSING_OF_ONE: Final = {
    "metrics": "metrics",
    "logs": "logs of a sandbox",
    "snapshots": "snapshots",
    "fork": "forking a sandbox",
    "network": "rules for the network",
}
_MISSING: Final = {
    f"/{path}": feature
    for name, feature in (
        ("templates", "templates"),
        ("v2/templates", "templates"),
        ("v3/templates", "templates"),
        ("snapshots", "snapshots"),
        ("volumes", "volumes"),
        ("volumecontent", "volumes"),
        ("secrets", "secrets"),
        ("teams", "teams"),
        ("nodes", "nodes"),
        ("events", "events"),
    )
    for path in (name, name + "/{rest:path}")
}

Seconds = Annotated[int, Field(ge=0, le=LONGEST_LIFE_S)]


class AutoResume(Wire):
    """Whether a request wakes a paused sandbox up."""

    enabled: bool = False


class NewSandbox(Wire):
    """A sandbox to make; what follows `auto_resume` is looked at only to refuse it by name.

    `allow_internet_access` is passed over: the SDK up to 2.62 asks for it unless told not to. There is no
    network in any sandbox, which is what `SandboxInfo.allow_internet_access` says.
    """

    template_id: str = Field(default="base", alias="templateID")
    timeout: Seconds | None = None
    metadata: dict[str, str] = Field(default_factory=dict[str, str])
    env_vars: dict[str, str] = Field(default_factory=dict[str, str])
    auto_pause: bool = False
    auto_resume: AutoResume = AutoResume()
    auto_pause_memory: bool = True
    network: dict[str, object] | None = None
    mcp: dict[str, object] | None = None
    iam: dict[str, object] | None = None
    volume_mounts: tuple[object, ...] = ()


class Timeout(Wire):
    """How long a sandbox is to live from now."""

    timeout: Seconds | None = None
    memory: bool = True


class Refresh(Wire):
    """By how much a life is to be extended."""

    duration: Seconds | None = None


class PauseRequest(Wire):
    """How a sandbox is to be paused."""

    memory: bool = True


class ControlPlane:
    """The routes, for the owner of the API key that a request has."""

    def __init__(self, registry: Registry, config: ServerConfig) -> None:
        self._registry, self._config = registry, config

    @property
    def routes(self) -> list[Route]:
        """What it answers; E2B has some of it in two versions."""
        one = "/sandboxes/{sandbox_id}"
        return [
            *(Route(path, self.create, methods=["POST"]) for path in ("/sandboxes", "/v2/sandboxes")),
            *(Route(path, self.list, methods=["GET"]) for path in ("/sandboxes", "/v2/sandboxes")),
            Route(one, self.info, methods=["GET"]),
            Route(one, self.kill, methods=["DELETE"]),
            Route(f"{one}/timeout", self.set_timeout, methods=["POST"]),
            Route(f"{one}/refreshes", self.refresh, methods=["POST"]),
            Route(f"{one}/pause", self.pause, methods=["POST"]),
            Route(f"{one}/resume", self.resume, methods=["POST"]),
            *(Route(f"{version}{one}/connect", self.connect, methods=["POST"]) for version in ("", "/v2")),
            *(self._without(f"{one}/{end}", feature) for end, feature in _MISSING_OF_ONE.items()),
            *(self._without(path, feature) for path, feature in _MISSING.items()),
        ]

    async def create(self, request: Request) -> Response:
        """Make a sandbox."""
        owner = self._owner(request)
        asked = await read_json(request, NewSandbox)
        _refuse_unsupported(asked)
        order = Order(
            owner=owner,
            template=asked.template_id,
            timeout_s=self._config.timeout_s if asked.timeout is None else asked.timeout,
            metadata=asked.metadata,
            envs=asked.env_vars,
            at_timeout=AtTimeout.PAUSE if asked.auto_pause else AtTimeout.KILL,
            auto_resume=asked.auto_resume.enabled,
            idempotency_key=request.headers.get("idempotency-key"),
        )
        return JSONResponse(_entry(await self._registry.open(order)), 201)

    async def list(self, request: Request) -> Response:
        """Return a page of sandboxes, newest first unless asked otherwise."""
        query = request.query_params
        found = [place for place in self._registry.of_owner(self._owner(request)) if _wanted(place, query)]
        if query.get("order") != "asc":
            found.reverse()
        start = _number(query.get("nextToken"), 0)
        end = start + min(max(_number(query.get("limit"), _PAGE), 1), _PAGE)
        headers = {"x-next-token": str(end)} if end < len(found) else {}
        return JSONResponse([self._told(place) for place in found[start:end]], headers=headers)

    async def info(self, request: Request) -> Response:
        """Return what is known of a sandbox."""
        place = self._place(request)
        order = place.order
        lifecycle = {"autoResume": order.auto_resume, "onTimeout": order.at_timeout.value}
        more = {
            "envdAccessToken": place.entry.access_token,
            "allowInternetAccess": False,
            "lifecycle": lifecycle,
        }
        return JSONResponse({**self._told(place), **more})

    async def kill(self, request: Request) -> Response:
        """End a sandbox."""
        await self._registry.kill(self._place(request))
        return Response(status_code=204)

    async def set_timeout(self, request: Request) -> Response:
        """Let a sandbox live so many seconds from now."""
        place = self._place(request)
        asked = await read_json(request, Timeout)
        self._registry.extend(place, self._config.timeout_s if asked.timeout is None else asked.timeout)
        return Response(status_code=204)

    async def refresh(self, request: Request) -> Response:
        """Let a sandbox live at least so many seconds from now."""
        place = self._place(request)
        asked = await read_json(request, Refresh)
        self._prolong(place, asked.duration)
        return Response(status_code=204)

    async def pause(self, request: Request) -> Response:
        """Stop a sandbox and keep it."""
        place = self._place(request)
        asked = await read_json(request, PauseRequest)
        if not asked.memory:
            raise unsupported("pausing without the memory")
        await self._registry.pause(place)
        return Response(status_code=204)

    async def resume(self, request: Request) -> Response:
        """Let a paused sandbox go on."""
        place = self._place(request)
        if place.state is State.RUNNING:
            raise Fault(409, f"sandbox {place.entry.id!r} is running already")
        return await self.connect(request)

    async def connect(self, request: Request) -> Response:
        """Return the way into a sandbox; a paused one goes on, and none lives shorter than asked."""
        place = self._place(request)
        asked = await read_json(request, Timeout)
        if place.state is State.RUNNING:
            self._prolong(place, asked.timeout)
            return JSONResponse(_entry(place), 200)
        if not asked.memory:
            raise unsupported("resuming without the memory")
        await self._registry.resume(place, self._config.timeout_s if asked.timeout is None else asked.timeout)
        return JSONResponse(_entry(place), 201)

    def _without(self, path: str, feature: str) -> Route:
        """Refuse a feature by name, to those who may come in and of sandboxes that there are."""

        async def refuse(request: Request) -> Response:
            if "sandbox_id" in request.path_params:
                self._place(request)
            self._owner(request)
            raise unsupported(feature)

        return Route(path, refuse, methods=_ANY)

    def _owner(self, request: Request) -> str:
        return owner_of(request.headers.get("x-api-key"), self._config)

    def _place(self, request: Request) -> Place:
        return self._registry.owned(request.path_params["sandbox_id"], self._owner(request))

    def _prolong(self, place: Place, seconds: int | None) -> None:
        wanted_s = self._config.timeout_s if seconds is None else seconds
        if (place.ends_at - datetime.now(UTC)).total_seconds() < wanted_s:
            self._registry.extend(place, wanted_s)

    def _told(self, place: Place) -> dict[str, object]:
        limits = self._config.limits
        return {
            "templateID": place.order.template,
            "alias": place.order.template,
            "sandboxID": place.entry.id,
            "clientID": _CLIENT_ID,
            "startedAt": _time(place.started_at),
            "endAt": _time(place.ends_at),
            "cpuCount": os.cpu_count() or 1,
            "memoryMB": limits.memory_bytes // _MIB,
            "diskSizeMB": limits.disk_bytes // _MIB,
            "metadata": {**place.order.metadata},
            "state": place.state.value,
            "envdVersion": ENVD_VERSION,
        }


def _entry(place: Place) -> dict[str, object]:
    return {
        "templateID": place.order.template,
        "alias": place.order.template,
        "sandboxID": place.entry.id,
        "clientID": _CLIENT_ID,
        "envdVersion": ENVD_VERSION,
        "envdAccessToken": place.entry.access_token,
        "trafficAccessToken": place.entry.traffic_token,
    }


def _refuse_unsupported(asked: NewSandbox) -> None:
    """Say no to what would otherwise be silently missing."""
    wishes = {
        "rules for the network": asked.network and not asked.network.keys() <= _HARMLESS_NETWORK,
        "MCP servers": asked.mcp,
        "workload identities (iam)": asked.iam,
        "volumes": asked.volume_mounts,
        "pausing without the memory": asked.auto_pause and not asked.auto_pause_memory,
    }
    for feature, wished in wishes.items():
        if wished:
            raise unsupported(feature)
    if asked.template_id not in _TEMPLATES:
        known = ", ".join(_TEMPLATES)
        raise Fault(
            404, f"template {asked.template_id!r} not found; there are {known}, which are all the same"
        )


def _wanted(place: Place, query: Mapping[str, str]) -> bool:
    states = query.get("state")
    after = query.get("startedAfter")
    metadata = {unquote(name): unquote(value) for name, value in parse_qsl(query.get("metadata", ""))}
    return (
        (states is None or place.state.value in states.split(","))
        and metadata.items() <= place.order.metadata.items()
        and query.get("template", place.order.template) == place.order.template
        and (after is None or place.started_at >= _MOMENT.validate_python(after))
    )


_MOMENT: Final[TypeAdapter[datetime]] = TypeAdapter(datetime)


def _number(text: str | None, default: int) -> int:
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()):
        raise Fault(400, f"{text!r} is not a number")
    return int(text)


def _time(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
