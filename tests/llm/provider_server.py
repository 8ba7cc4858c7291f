"""A provider on loopback: answers the OpenAI and Anthropic protocols from a script, one entry a request."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

Json = dict[str, object]
Step = Callable[["Exchange"], None]


@dataclass(frozen=True)
class Exchange:
    """One request under way."""

    handler: BaseHTTPRequestHandler
    path: str
    body: Json
    closing: threading.Event

    def reply(self, status: int, payload: Json, headers: dict[str, str] | None = None) -> None:
        self.send(
            status, json.dumps(payload).encode(), {"Content-Type": "application/json"} | (headers or {})
        )

    def send(self, status: int, data: bytes, headers: dict[str, str]) -> None:
        self.handler.send_response(status)
        for name, value in headers.items():
            self.handler.send_header(name, value)
        self.handler.send_header("Content-Length", str(len(data)))
        self.handler.end_headers()
        self.handler.wfile.write(data)


@dataclass
class ProviderServer:
    """Where it listens, what it was asked, and what it will say; the last step repeats."""

    url: str
    steps: list[Step]
    asked: list[Json] = field(default_factory=list[Json])
    authorizations: list[str] = field(default_factory=list[str])
    closing: threading.Event = field(default_factory=threading.Event)

    def handle(self, exchange: Exchange) -> None:
        self.asked.append(exchange.body)
        self.authorizations.append(exchange.handler.headers.get("Authorization", ""))
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        step(exchange)


@contextmanager
def provider_server(*steps: Step) -> Generator[ProviderServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    host, port = cast("tuple[str, int]", server.server_address)
    provider = ProviderServer(url=f"http://{host}:{port}", steps=list(steps))
    server.RequestHandlerClass = _handler(provider)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield provider
    finally:
        provider.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(provider: ProviderServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = cast("Json", json.loads(self.rfile.read(length) or b"{}"))
            provider.handle(Exchange(self, self.path, body, provider.closing))

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is inherited
            """Stay silent."""

    return Handler


def openai_answer(arguments: Json | str, *, tokens: tuple[int, int] = (40, 10), model: str = "") -> Step:
    """Answer with a call of the output tool."""

    def step(exchange: Exchange) -> None:
        text = arguments if isinstance(arguments, str) else json.dumps(arguments)
        tools = cast("list[Json]", exchange.body.get("tools"))
        function = {"name": cast("Json", tools[0]["function"])["name"], "arguments": text}
        message: Json = {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "call_1", "type": "function", "function": function}],
        }
        exchange.reply(200, _completion(exchange, message, "tool_calls", tokens, model))

    return step


def openai_text(text: str | None, *, refusal: str | None = None, finish: str = "stop") -> Step:
    """Answer with prose, or decline."""

    def step(exchange: Exchange) -> None:
        message: Json = {"role": "assistant", "content": text, "refusal": refusal}
        exchange.reply(200, _completion(exchange, message, finish, (40, 10), ""))

    return step


def _completion(exchange: Exchange, message: Json, finish: str, tokens: tuple[int, int], model: str) -> Json:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model or exchange.body["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {
            "prompt_tokens": tokens[0],
            "completion_tokens": tokens[1],
            "total_tokens": sum(tokens),
        },
    }


def anthropic_answer(arguments: Json, *, cached: int = 0) -> Step:
    """Answer in Anthropic's protocol, by its own structured output or by a call of the output tool."""

    def step(exchange: Exchange) -> None:
        tools = cast("list[Json]", exchange.body.get("tools", []))
        content: Json = {"type": "text", "text": json.dumps(arguments)}
        if tools:
            name = tools[0]["name"]
            content = {"type": "tool_use", "id": "toolu_1", "name": name, "input": arguments}
        stop = "tool_use" if tools else "end_turn"
        exchange.reply(200, _anthropic_message(exchange, [content], stop, cached))

    return step


def anthropic_refusal(exchange: Exchange) -> None:
    """Decline, in Anthropic's protocol."""
    exchange.reply(200, _anthropic_message(exchange, [], "refusal", 0))


def _anthropic_message(exchange: Exchange, content: list[Json], stop: str, cached: int) -> Json:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": exchange.body["model"],
        "content": content,
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": {"input_tokens": 40, "output_tokens": 10, "cache_read_input_tokens": cached},
    }


def failure(status: int, code: str | None = None, **headers: str) -> Step:
    """Fail with an HTTP status."""

    def step(exchange: Exchange) -> None:
        error: Json = {"message": f"answered with {status}", "code": code, "type": "error"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        exchange.reply(status, {"error": error}, named)

    return step


def raw(data: bytes, content_type: str) -> Step:
    """Answer 200 with these bytes."""

    def step(exchange: Exchange) -> None:
        exchange.send(200, data, {"Content-Type": content_type})

    return step


def hang(exchange: Exchange) -> None:
    """Give no answer as long as the server runs."""
    exchange.closing.wait()
    exchange.handler.close_connection = True


def drop(exchange: Exchange) -> None:
    """Close the connection without an answer."""
    exchange.handler.close_connection = True
    exchange.handler.connection.shutdown(socket.SHUT_RDWR)
