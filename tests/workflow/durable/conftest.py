from __future__ import annotations

from pathlib import Path

import pytest

from tta_dev_primitives.workflow import Journal


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "runs.db")
