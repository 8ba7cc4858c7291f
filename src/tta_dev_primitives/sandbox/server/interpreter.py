"""E2B's code interpreter: cells to run, answered as lines of JSON while they run, and their contexts."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..local.boxes import Displayed, Stderr, Stdout
from ..types import Result
from .bodies import Wire, read_json
from .contexts import CellEvent, Context, Count, Ended
from .entrance import Entrance
from .faults import Fault, Severed
from .kernel import Cell, Outcome
from .place import Place
from .streaming import Stream

Record = Mapping[str, object]

_TEXT_FORMATS: Final = ("html", "markdown", "svg", "png", "jpeg", "pdf", "latex", "javascript")
"""Forms of a value that are sent as text."""
_JSON_FORMATS: Final = ("json", "data", "chart")
"""Forms that are sent as the JSON that they are."""
_MOST_JSON_CHARS: Final = 1 << 20
"""Of a value: parsed, it takes a hundred times as much."""


class ExecutionRequest(Wire):
    """A cell, for a context or for the default one of a language."""

    code: str
    context_id: str | None = None
    language: str | None = None
    env_vars: dict[str, str] | None = None


class ContextRequest(Wire):
    """A context to start."""

    language: str | None = None
    cwd: str | None = None


class Interpreter:
    """The routes, for the sandbox that a request names."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance

    @property
    def routes(self) -> list[Route]:
        """What it answers."""
        return [
            Route("/execute", self.execute, methods=["POST"]),
            Route("/contexts", self.list, methods=["GET"]),
            Route("/contexts", self.create, methods=["POST"]),
            Route("/contexts/{context_id}", self.remove, methods=["DELETE"]),
            Route("/contexts/{context_id}/restart", self.restart, methods=["POST"]),
        ]

    async def execute(self, request: Request) -> Response:
        """Run a cell and stream what it prints, shows and ends with."""
        place = await self._entrance.enter(request)
        asked = await read_json(request, ExecutionRequest)
        if asked.context_id and asked.language:
            raise Fault(400, "Only one of context_id or language can be provided")
        contexts = place.contexts
        context = (
            contexts.get(asked.context_id) if asked.context_id else await contexts.default(asked.language)
        )
        cell = Cell(code=undented(asked.code), envs=asked.env_vars or {})
        return Stream(_lines(place, context, cell), "application/x-ndjson")

    async def list(self, request: Request) -> Response:
        """Return the contexts."""
        place = await self._entrance.enter(request)
        return JSONResponse([_told(context) for context in place.contexts.all()])

    async def create(self, request: Request) -> Response:
        """Start a context."""
        place = await self._entrance.enter(request)
        asked = await read_json(request, ContextRequest)
        return JSONResponse(_told(await place.contexts.open(asked.language, asked.cwd)))

    async def remove(self, request: Request) -> Response:
        """End a context."""
        place = await self._entrance.enter(request)
        await place.contexts.remove(request.path_params["context_id"])
        return JSONResponse(None)

    async def restart(self, request: Request) -> Response:
        """Give a context a fresh kernel."""
        place = await self._entrance.enter(request)
        await place.contexts.restart(request.path_params["context_id"])
        return JSONResponse(None)


def undented(code: str) -> str:
    """Return `code` without the indentation of its first line, as a notebook reads an indented cell."""
    lines = code.splitlines(keepends=True)
    first = next((line for line in lines if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip(" \t"))]
    return "".join(line.removeprefix(indent) for line in lines) if indent else code


async def _lines(place: Place, context: Context, cell: Cell) -> AsyncGenerator[bytes]:
    events, task = place.contexts.run(context, cell)
    try:
        while not isinstance(event := await events.get(), Ended):
            yield _line(_record(event))
        if not place.alive:
            raise Severed
        error = _error_of(event.outcome)
        if error is not None:
            yield _line(error)
    finally:
        task.cancel()  # which interrupts the cell, if the client went away


def _line(record: Record) -> bytes:
    return json.dumps(record).encode() + b"\n"


def _record(event: CellEvent) -> Record:
    match event:
        case Count():
            return {"type": "number_of_executions", "execution_count": event.number}
        case Stdout():
            return {"type": "stdout", "text": event.text, "timestamp": time.time_ns()}
        case Stderr():
            return {"type": "stderr", "text": event.text, "timestamp": time.time_ns()}
        case Displayed():
            return _result(event.result)
        case _:
            return {"type": "unknown"}


def _result(result: Result) -> Record:
    formats: dict[str, object] = {
        name: result.formats[name] for name in _TEXT_FORMATS if name in result.formats
    }
    for name in _JSON_FORMATS:
        parsed = _parsed(result.formats.get(name))
        if parsed is not None:
            formats[name] = parsed
    if result.text:
        formats["text"] = _unquoted(result.text)
    return {"type": "result", "is_main_result": result.is_main_result, **formats}


def _parsed(text: str | None) -> object:
    """Return the value of JSON that a guest made up, or None if it cannot be sent on."""
    if text is None or len(text) > _MOST_JSON_CHARS:
        return None
    try:
        value: object = json.loads(text)
        json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError):
        return None
    return value


def _unquoted(text: str) -> str:
    """Return the text of a value without the quotes of a string, which E2B leaves out."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


def _error_of(outcome: Outcome) -> Record | None:
    if outcome.lost is not None:
        return _error("ContextRestarting", f"Context was restarted: {outcome.lost}")
    error = outcome.error
    return None if error is None else _error(error.name, error.value, error.traceback)


def _error(name: str, value: str, traceback: str = "") -> Record:
    return {"type": "error", "name": name, "value": value, "traceback": traceback}


def _told(context: Context) -> Record:
    return {"id": context.id, "language": context.language, "cwd": context.cwd}
