"""A server on loopback, in a thread with an event loop of its own, so that clients may block."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from tta_dev_primitives.sandbox import LocalSandbox
from tta_dev_primitives.sandbox.server import ServerConfig, serve

KEY = "e2b_" + "5" * 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Where it listens."""

    url: str


@contextmanager
def serving(config: ServerConfig) -> Generator[Served]:
    urls: list[str] = []
    ready, stop = threading.Event(), threading.Event()
    failures: list[BaseException] = []

    async def until_told() -> None:
        def announce(url: str) -> None:
            urls.append(url)
            ready.set()

        async with LocalSandbox() as sandbox:
            server = asyncio.create_task(serve(config, sandbox, announce))
            waiting = asyncio.create_task(asyncio.to_thread(stop.wait))
            await asyncio.wait({server, waiting}, return_when=asyncio.FIRST_COMPLETED)
            stop.set()
            server.cancel()
            await asyncio.wait({server, waiting})
            if not server.cancelled():
                server.result()

    def work() -> None:
        try:
            asyncio.run(until_told())
        except BaseException as failure:  # noqa: BLE001  # it is raised again, in the thread of the test
            failures.append(failure)
        finally:
            ready.set()

    thread = threading.Thread(target=work)
    thread.start()
    ready.wait()
    try:
        if urls:
            yield Served(url=urls[0])
    finally:
        stop.set()
        thread.join()
        if failures:
            raise failures[0]
