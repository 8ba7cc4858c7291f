"""E2B's unmodified SDK, pointed at a server with the real jail behind it."""

from __future__ import annotations

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# The SDK has types, but no py.typed, and not everywhere.
import time
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import pytest_asyncio
from e2b_code_interpreter.code_interpreter_async import AsyncSandbox
from e2b_code_interpreter.code_interpreter_sync import Sandbox
from tests.sandbox.server.serving import KEY, Served, serving

from tta_dev_primitives.sandbox.server import ServerConfig

_PATIENCE_S = 60.0


@pytest.fixture(scope="package")
def server() -> Iterator[Served]:
    with serving(ServerConfig(port=0, keys=(KEY, KEY[::-1]), max_sandboxes=40)) as served:
        yield served


@pytest.fixture(autouse=True)
def environment(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that a user sets."""
    for name, value in (
        ("E2B_API_URL", server.url),
        ("E2B_SANDBOX_URL", server.url),
        ("E2B_API_KEY", KEY),
    ):
        monkeypatch.setenv(name, value)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    one = Sandbox.create(timeout=120)
    yield one
    one.kill()


@pytest_asyncio.fixture
async def async_sandbox() -> AsyncIterator[AsyncSandbox]:
    one = await AsyncSandbox.create(timeout=120)
    yield one
    await one.kill()


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """Wait for what happens without being waited for."""

    def wait(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, "it did not happen"
            time.sleep(0.02)

    return wait
