"""E2B's SDK, pointed at the fake."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from tests.sandbox.e2b.exchange import KEY, FakeE2B
from tests.sandbox.e2b.fake_server import fake_e2b

from tta_dev_primitives.sandbox import E2BSandbox


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeE2B]:
    with fake_e2b() as running:
        monkeypatch.setenv("E2B_API_URL", running.url)
        monkeypatch.setenv("E2B_SANDBOX_URL", running.url)
        monkeypatch.delenv("E2B_API_KEY", raising=False)
        yield running


@pytest_asyncio.fixture
async def sandbox(server: FakeE2B) -> AsyncIterator[E2BSandbox]:
    async with E2BSandbox(api_key=KEY) as one:
        yield one
    assert server.alive == []
