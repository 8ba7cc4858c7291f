"""Each test that takes `store` runs on every implementation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.ace.store.postgres_server import PostgresServer, running
from tta_dev_primitives.ace.store import PlaybookStore, SqliteStore, open_store
from tta_dev_primitives.testing.memory_store import MemoryStore


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with running() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> str:
    """Return the address of a playbook of its own."""
    return f"{postgres.url}?schema=test_{uuid4().hex}"


@pytest.fixture(params=["memory", "sqlite", "json", "postgres"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[PlaybookStore]:
    makers: dict[str, Callable[[], PlaybookStore]] = {
        "memory": MemoryStore,
        "json": lambda: open_store(tmp_path / "playbook.json"),
        "sqlite": lambda: SqliteStore(tmp_path / "playbook.db", snapshot_every=3),
        "postgres": lambda: _postgres(request),
    }
    made = makers[request.param]()
    yield made
    await made.aclose()


def _postgres(request: pytest.FixtureRequest) -> PlaybookStore:
    from tta_dev_primitives.ace.store.postgres.store import PostgresStore  # noqa: PLC0415  # an extra

    return PostgresStore(request.getfixturevalue("postgres_url"), snapshot_every=3)
