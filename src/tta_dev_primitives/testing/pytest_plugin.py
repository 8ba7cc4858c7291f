"""Fixtures for pytest: name this module in `pytest_plugins` of a conftest.py, or with pytest's option -p.

It needs pytest, which this package does not install; nothing else imports it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ..ace.store.sqlite import SqliteStore


@pytest.fixture
def playbook_file(tmp_path: Path) -> Path:
    """Return where a test may keep a playbook; there is no file yet, and it goes with pytest's `tmp_path`."""
    return tmp_path / "playbook.db"


@pytest.fixture
def playbook_store(playbook_file: Path) -> SqliteStore:
    """Return an empty playbook on `playbook_file`, kept as outside of tests; nothing needs to be closed."""
    return SqliteStore(playbook_file)
