from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.bench.environments.loading import loaded
from tta_dev_primitives.bench.environments import Environment, make_environment

SEEDS = (4, 6, 24)
"""Environments of 8, 10 and 12 quirks, which have all families between them."""


@pytest.fixture(scope="session", params=SEEDS)
def environment(request: pytest.FixtureRequest) -> Environment:
    seed: int = request.param
    return make_environment(seed)


@pytest.fixture
def library(environment: Environment, tmp_path: Path) -> Iterator[ModuleType]:
    """The library as a guest imports it."""
    with loaded(environment.files, environment.name, tmp_path) as module:
        yield module
