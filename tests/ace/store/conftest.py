"""Each test that takes `store` runs on every implementation."""

from __future__ import annotations

from pathlib import Path

import pytest

from tta_dev_primitives.ace.store import PlaybookStore, SqliteStore, open_store
from tta_dev_primitives.testing.memory_store import MemoryStore


@pytest.fixture(params=["memory", "sqlite", "json"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> PlaybookStore:
    if request.param == "memory":
        return MemoryStore()
    if request.param == "json":
        return open_store(tmp_path / "playbook.json")
    return SqliteStore(tmp_path / "playbook.db", snapshot_every=3)
