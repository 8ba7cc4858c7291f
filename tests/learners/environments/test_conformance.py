"""A layered store does what every store does, as long as there are no other layers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ace.store.test_conformance import *  # noqa: F403  # the tests of all stores, on the fixture here
from tta_dev_primitives.ace.store import PlaybookStore
from tta_dev_primitives.learners.environments import Environment, LayeredStore


@pytest.fixture
def store(tmp_path: Path) -> PlaybookStore:
    return LayeredStore(tmp_path, Environment(language_version="3.12", libraries={"pandas": "2.2"}))
