"""One host with its secrets and one jail for all tests of this folder."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.security.world import World, laid_out
from tta_dev_primitives.sandbox import LocalSandbox


@pytest.fixture(scope="package")
def world() -> Iterator[World]:
    with laid_out() as one:
        yield one


@pytest.fixture(scope="package")
def sandbox(world: World) -> Iterator[LocalSandbox]:
    del world  # its secrets lie about before the jail starts
    one = LocalSandbox()
    yield one
    asyncio.run(one.aclose())
