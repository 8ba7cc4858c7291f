"""E2B on loopback: control plane, files and code contexts in its wire protocol, for the unmodified SDK.

Code really runs, in a process for each context, unconfined: give it only programs of the tests. Faults are
scripted by route; each is used once, in order.
"""

from __future__ import annotations

import re
import tempfile
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast
from urllib.parse import parse_qs, urlsplit

from tests.sandbox.e2b.contexts import Context, Json
from tests.sandbox.e2b.exchange import KEY, Call, Exchange, FakeE2B, Machine
from tests.sandbox.e2b.faults import lose


def _create(exchange: Exchange) -> None:
    machine = exchange.server.add(exchange.body)
    answer = {
        "templateID": exchange.body.get("templateID"),
        "sandboxID": machine.id,
        "clientID": "client",
        "envdVersion": "0.6.7",
        "envdAccessToken": "token",
    }
    exchange.reply(201, answer)


def _list(exchange: Exchange) -> None:
    query = parse_qs(urlsplit(exchange.path).query)
    wanted = {name: values[0] for name, values in parse_qs(query.get("metadata", [""])[0]).items()}
    found = [machine for machine in exchange.server.alive if wanted.items() <= machine.metadata.items()]
    start = int(query.get("nextToken", ["0"])[0])
    end = start + exchange.server.page
    headers = {"x-next-token": str(end)} if end < len(found) else {}
    exchange.reply(200, [_listed(machine) for machine in found[start:end]], headers)


def _listed(machine: Machine) -> Json:
    times = dict.fromkeys(("startedAt", "endAt"), "2030-01-01T00:00:00Z")
    sizes = {"cpuCount": 2, "memoryMB": 512, "diskSizeMB": 1024}
    names = {"templateID": "template", "sandboxID": machine.id, "clientID": "client", "state": "running"}
    return {**names, **times, **sizes, "envdVersion": "0.6.7", "metadata": machine.metadata}


def _kill(exchange: Exchange) -> None:
    machine = exchange.server.machines.get(exchange.path.split("/")[2])
    if machine is None or not machine.alive:
        exchange.reply(404, {"code": 404, "message": "no such sandbox"})
        return
    machine.kill()
    exchange.reply(204)


def _extend(exchange: Exchange) -> None:
    machine = exchange.server.machines.get(exchange.path.split("/")[2])
    known = machine is not None and machine.alive
    exchange.reply(204 if known else 404, None if known else {"code": 404, "message": "no such sandbox"})


def _health(exchange: Exchange) -> None:
    exchange.reply(204)


def _write(exchange: Exchange) -> None:
    """Take files as multipart; a single one has its path in the query."""
    assert exchange.machine is not None
    kind = exchange.handler.headers["Content-Type"]
    message = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + exchange.data)
    only = parse_qs(urlsplit(exchange.path).query).get("path")
    written: list[Json] = []
    for part in cast("list[Message]", message.get_payload()):
        name = only[0] if only else cast("str", part.get_filename())
        target = exchange.machine.home / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(cast("bytes", part.get_payload(decode=True)))
        written.append({"name": target.name, "path": str(target), "type": "file"})
    exchange.reply(200, written)


def _open_context(exchange: Exchange) -> None:
    assert exchange.machine is not None
    context = Context(cwd=exchange.machine.home)
    context.start()
    exchange.machine.contexts[context.id] = context
    exchange.reply(200, {"id": context.id, "language": "python", "cwd": "/home/user"})


def _close_context(exchange: Exchange) -> None:
    assert exchange.machine is not None
    context = exchange.machine.contexts.pop(exchange.path.split("/")[2], None)
    if context is None:
        exchange.reply(404, {"message": "no such context"})
        return
    context.stop()
    exchange.reply(204)


def execute(exchange: Exchange) -> None:
    """Run a cell, as the fake does without a fault."""
    machine, body = exchange.machine, exchange.body
    assert machine is not None
    context = machine.contexts.get(cast("str", body["context_id"]))
    if context is None:
        exchange.reply(404, {"message": "no such context"})
        return
    if context.lost:
        lose(exchange)
        return
    exchange.begin_stream()
    envs = cast("Json", body.get("env_vars") or {})
    for line in context.run(cast("str", body["code"]), envs, exchange.client_gone):
        if not machine.alive:
            break
        exchange.chunk(line)
    if machine.alive and not context.lost:
        exchange.chunk("")
    else:
        exchange.drop()


_ROUTES: list[tuple[str, str, Callable[[Exchange], None]]] = [
    ("create", "POST /v2/sandboxes", _create),
    ("list", "GET /v2/sandboxes", _list),
    ("extend", "POST /sandboxes/[^/]+/timeout", _extend),
    ("kill", "DELETE /sandboxes/[^/]+", _kill),
    ("health", "GET /health", _health),
    ("write", "POST /files", _write),
    ("open", "POST /contexts", _open_context),
    ("close", "DELETE /contexts/[^/]+", _close_context),
    ("execute", "POST /execute", execute),
]
_OF_CONTROL_PLANE = {"create", "list", "extend", "kill"}


def _answer(exchange: Exchange) -> None:
    asked = f"{exchange.handler.command} {urlsplit(exchange.path).path}"
    found = [(name, work) for name, pattern, work in _ROUTES if re.fullmatch(pattern, asked)]
    if not found:
        exchange.reply(501, {"message": f"{asked} is not in the fake"})
        return
    (name, work), server, headers = found[0], exchange.server, exchange.handler.headers
    server.calls.append(Call(name, exchange.body))
    if name in _OF_CONTROL_PLANE and headers["X-API-KEY"] != KEY:
        exchange.reply(401, {"code": 401, "message": "the key is unknown"})
        return
    if name not in _OF_CONTROL_PLANE:
        exchange.machine = server.machines.get(headers["E2b-Sandbox-Id"])
        if exchange.machine is None or not exchange.machine.alive:
            exchange.reply(502, {"message": "The sandbox was not found"})
            return
    scripted = server.faults[name]
    (scripted.pop(0) if scripted else work)(exchange)


def _handler(server: FakeE2B) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with suppress(BrokenPipeError, ConnectionResetError):
                _answer(Exchange(server, self, self.path, data))

        do_GET = do_POST = do_DELETE = _serve  # noqa: N815  # the names are inherited

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is inherited
            """Stay silent."""

    return Handler


@contextmanager
def fake_e2b() -> Generator[FakeE2B]:
    listener = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    listener.daemon_threads = True
    host, port = cast("tuple[str, int]", listener.server_address)
    with tempfile.TemporaryDirectory(prefix="fake-e2b-") as root:
        server = FakeE2B(url=f"http://{host}:{port}", root=Path(root))
        listener.RequestHandlerClass = _handler(server)
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            for machine in server.alive:
                machine.kill()
            listener.shutdown()
            thread.join()
            listener.socket.close()
