"""What can go wrong with E2B, one answer each."""

from __future__ import annotations

import json
import time

from tests.sandbox.e2b.exchange import Exchange, Fault


def failure(status: int, message: str = "scripted", **headers: str) -> Fault:
    """Answer with an HTTP status."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda exchange: exchange.reply(status, {"code": status, "message": message}, named)


def drop(exchange: Exchange) -> None:
    """Close the connection without an answer."""
    exchange.drop()


def drop_after_output(exchange: Exchange) -> None:
    """Begin to answer a cell, and close the connection."""
    exchange.begin_stream()
    exchange.chunk('{"type": "stdout", "text": "half", "timestamp": 0}\n')
    exchange.drop()


def record(**fields: object) -> Fault:
    """Answer a cell with this one record."""

    def fault(exchange: Exchange) -> None:
        exchange.begin_stream()
        exchange.chunk(json.dumps(fields) + "\n")
        exchange.chunk("")

    return fault


def lose(exchange: Exchange) -> None:
    """Answer a cell with nothing, as E2B answers the call after one that a client gave up."""
    exchange.begin_stream()
    exchange.chunk("")


def vanish_silently(exchange: Exchange) -> None:
    """End the sandbox under a cell and leave the connection open, as a lost network does."""
    assert exchange.machine is not None
    exchange.begin_stream()
    exchange.machine.kill()
    while not (exchange.client_gone() or exchange.server.closing.is_set()):
        time.sleep(0.01)
    exchange.drop()


def create_and_drop(exchange: Exchange) -> None:
    """Make the sandbox and lose the answer."""
    exchange.server.add(exchange.body)
    exchange.drop()
