"""One jail with namespaces for all tests of this folder, as each run needs two boxes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tta_dev_primitives.core.errors import SandboxUnavailable
from tta_dev_primitives.sandbox import Isolation, LocalSandbox


@pytest.fixture(scope="package")
def sandbox() -> Iterator[LocalSandbox]:
    one = LocalSandbox(isolation=Isolation.NAMESPACES)
    try:
        asyncio.run(one.run_code("pass"))
    except SandboxUnavailable as missing:
        pytest.skip(str(missing))
    yield one
    asyncio.run(one.aclose())
