"""One jail for all tests of a file: real runs, fresh state each."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tta_dev_primitives.core import WorkflowContext
from tta_dev_primitives.sandbox import Sandbox
from tta_dev_primitives.sandbox.open import open_sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    jail = open_sandbox("local")
    yield jail
    asyncio.run(jail.aclose())


@pytest.fixture
def context() -> WorkflowContext:
    return WorkflowContext()
