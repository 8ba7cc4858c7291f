"""A sandbox for each tier that this machine has; and a look at its processes from outside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from tests.sandbox.processes import Family, families

from tta_dev_primitives.core.errors import SandboxUnavailable
from tta_dev_primitives.sandbox import Isolation, Limits, LocalSandbox

TEST_LIMITS = Limits(wall_s=20.0, cpu_s=10, memory_bytes=256 << 20, disk_bytes=8 << 20, inodes=500)


@pytest.fixture(scope="session", params=[Isolation.NAMESPACES, Isolation.LANDLOCK])
def sandbox(request: pytest.FixtureRequest) -> Iterator[LocalSandbox]:
    # One object for all tests, each of which has an event loop of its own.
    isolation: Isolation = request.param
    one = LocalSandbox(isolation=isolation, limits=TEST_LIMITS)
    try:
        asyncio.run(one.run_code("pass"))
    except SandboxUnavailable as missing:
        pytest.skip(f"{isolation.value}: {missing}")
    yield one
    asyncio.run(one.aclose())


@pytest.fixture
def only_namespaces(sandbox: LocalSandbox) -> LocalSandbox:
    if sandbox.isolation is not Isolation.NAMESPACES:
        pytest.skip("needs a pid namespace and a user namespace")
    return sandbox


@pytest.fixture
def jails() -> Callable[[], list[Family]]:
    """The jails that this test process runs: launcher, zygote and runs."""
    return families


@pytest.fixture
async def one(only_namespaces: LocalSandbox) -> AsyncIterator[LocalSandbox]:
    """A sandbox of its own, whose runs go one by one through two slots at most."""
    async with LocalSandbox(isolation=only_namespaces.isolation, limits=TEST_LIMITS, max_concurrent=1) as own:
        await own.run_code("pass")
        yield own
