"""What the fake of E2B knows: its sandboxes, what it was asked, and a request under way."""

from __future__ import annotations

import json
import select
import shutil
import socket
import tempfile
import threading
import uuid
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import cast

from tests.sandbox.e2b.contexts import Context, Json

KEY = "e2b_" + "0" * 40
Fault = Callable[["Exchange"], None]


@dataclass
class Machine:
    """A sandbox of the fake. Its home directory is where relative paths begin."""

    request: Json
    home: Path
    id: str = field(default_factory=lambda: "i" + uuid.uuid4().hex[:19])
    contexts: dict[str, Context] = field(default_factory=dict[str, Context])
    alive: bool = True

    @property
    def metadata(self) -> dict[str, str]:
        return cast("dict[str, str]", self.request.get("metadata") or {})

    def kill(self) -> None:
        self.alive = False
        for context in tuple(self.contexts.values()):
            context.stop()
        shutil.rmtree(self.home, ignore_errors=True)


@dataclass
class Call:
    """A request that the fake got."""

    route: str
    body: Json


@dataclass
class FakeE2B:
    """Where it listens, what it was asked, what is running, and what is to go wrong."""

    url: str
    root: Path
    machines: dict[str, Machine] = field(default_factory=dict[str, Machine])
    calls: list[Call] = field(default_factory=list[Call])
    faults: defaultdict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list[Fault]))
    most_alive: int = 0
    page: int = 100
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def alive(self) -> list[Machine]:
        return [machine for machine in tuple(self.machines.values()) if machine.alive]

    def fail(self, route: str, *faults: Fault) -> None:
        self.faults[route] += faults

    def bodies(self, route: str) -> list[Json]:
        return [call.body for call in tuple(self.calls) if call.route == route]

    def add(self, request: Json) -> Machine:
        machine = Machine(request=request, home=Path(tempfile.mkdtemp(dir=self.root)))
        self.machines[machine.id] = machine
        self.most_alive = max(self.most_alive, len(self.alive))
        return machine


@dataclass
class Exchange:
    """One request under way."""

    server: FakeE2B
    handler: BaseHTTPRequestHandler
    path: str
    data: bytes
    machine: Machine | None = None

    @property
    def body(self) -> Json:
        try:
            return cast("Json", json.loads(self.data or b"{}"))
        except ValueError:
            return {}

    def reply(self, status: int, payload: object = None, headers: dict[str, str] | None = None) -> None:
        data = b"" if payload is None else json.dumps(payload).encode()
        self.handler.send_response(status)
        for name, value in ({"Content-Type": "application/json"} | (headers or {})).items():
            self.handler.send_header(name, value)
        if status != 204:
            self.handler.send_header("Content-Length", str(len(data)))
        self.handler.end_headers()
        self.handler.wfile.write(data)

    def begin_stream(self) -> None:
        self.handler.send_response(200)
        self.handler.send_header("Content-Type", "application/x-ndjson")
        self.handler.send_header("Transfer-Encoding", "chunked")
        self.handler.end_headers()

    def chunk(self, text: str) -> None:
        data = text.encode()
        self.handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def drop(self) -> None:
        """Close the connection in the middle."""
        self.handler.close_connection = True
        with suppress(OSError):
            self.handler.connection.shutdown(socket.SHUT_RDWR)

    def client_gone(self) -> bool:
        connection = self.handler.connection
        try:
            readable, _, _ = select.select([connection], [], [], 0)
            return bool(readable) and not connection.recv(1, socket.MSG_PEEK)
        except (OSError, ValueError):
            return True
