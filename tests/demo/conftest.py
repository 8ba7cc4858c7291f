from __future__ import annotations

import pytest
from tests.demo.running import Runner, subprocess_runner


@pytest.fixture(scope="session")
def run() -> Runner:
    """Replace this fixture to run the same programs in another sandbox."""
    return subprocess_runner()
