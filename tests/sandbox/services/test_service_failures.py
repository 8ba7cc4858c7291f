"""A service that fails is the sandbox's failure, never the program's; and nothing is left behind."""

from __future__ import annotations

import asyncio
import os

import pytest
from tests.sandbox.processes import eventually, families
from tests.sandbox.services.calls import LIMITS, PLAIN, call

from tta_dev_primitives.core.errors import SandboxCrashed, SandboxUnavailable
from tta_dev_primitives.sandbox import E2BSandbox, Isolation, Limits, LocalSandbox
from tta_dev_primitives.sandbox.services import Program, Seen, ServiceBeside
from tta_dev_primitives.sandbox.services.payload import service_modules

GOOD = """
import json, urllib.request
def main(url):
    return json.load(urllib.request.urlopen(url + "/parcels"))
"""
ACCOUNT = (
    Seen(
        requests=(),
        resources=(),
        clock_s=0.0,
        waited_s=0.0,
        hung=0,
        elsewhere=(),
        returned=None,
        raised=None,
        stopped="",
    )
    .model_dump_json()
    .encode()
)
SHORT = Limits(wall_s=0.8)
_READY = "import os, time\ndef main(source, sink, given):\n    os.write(sink, b'!\\0\\0\\0\\0')\n"


async def _with_service(sandbox: LocalSandbox, text: str) -> None:
    beside = ServiceBeside(
        sandbox=sandbox,
        limits=SHORT,
        service_modules=service_modules().with_last(text),
        account_timeout_s=0.5,
    )
    await beside.run(PLAIN, Program(code=GOOD, entry_point="main", args=(PLAIN.url,)))


@pytest.mark.parametrize(
    "text",
    [
        "1 / 0",
        "def main(source, sink, given):\n    print('hello')",
        _READY + "    os._exit(0)",
        _READY + "    os.read(source, 10)\n    raise ValueError('broken')",
        _READY + "    os.read(source, 10)\n    os._exit(0)",
        _READY + "    os.write(2, b'{}')\n    os._exit(0)",
        _READY + f"    os.read(source, 10)\n    os.write(2, {ACCOUNT!r})\n    os._exit(1)",
        _READY + "    os.close(sink)\n    time.sleep(100)",
        _READY + "    os.read(source, 10)\n    os.kill(os.getpid(), 9)",
        _READY + "    while True:\n        os.write(2, b' ' * 65536)",
    ],
)
async def test_a_service_that_fails_is_a_crash_of_the_sandbox(
    only_namespaces: LocalSandbox, text: str
) -> None:
    with pytest.raises(SandboxCrashed, match="service"):
        await _with_service(only_namespaces, text)


async def test_a_service_that_hangs_is_a_crash_of_the_sandbox(only_namespaces: LocalSandbox) -> None:
    beside = ServiceBeside(
        sandbox=only_namespaces,
        limits=SHORT,
        service_modules=service_modules().with_last(_READY + "    time.sleep(100)"),
        account_timeout_s=0.5,
    )
    with pytest.raises(SandboxCrashed, match="hangs"):
        await beside.run(PLAIN, Program(code=GOOD, entry_point="main", args=(PLAIN.url,)))


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208  # names are what is needed


def _nothing_runs() -> bool:
    return all(not family.runs for family in families())


async def test_nothing_is_left_behind(only_namespaces: LocalSandbox) -> None:
    await call(only_namespaces, PLAIN, GOOD, PLAIN.url)
    before = _descriptors()
    for _ in range(3):
        await call(only_namespaces, PLAIN, GOOD, PLAIN.url)
        with pytest.raises(SandboxCrashed):
            await _with_service(only_namespaces, "1 / 0")
    assert eventually(_nothing_runs)
    assert eventually(lambda: _descriptors() <= before)


async def test_a_cancelled_run_leaves_nothing_behind(only_namespaces: LocalSandbox) -> None:
    await call(only_namespaces, PLAIN, GOOD, PLAIN.url)
    before = _descriptors()
    for after_s in (0.0, 0.005, 0.02, 0.1):
        run = asyncio.create_task(
            call(only_namespaces, PLAIN, "import threading\ndef main():\n    threading.Event().wait()")
        )
        await asyncio.sleep(after_s)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
    assert eventually(_nothing_runs)
    await asyncio.sleep(0)
    assert eventually(lambda: _descriptors() <= before)


async def test_runs_side_by_side_do_not_mix(only_namespaces: LocalSandbox) -> None:
    async with asyncio.TaskGroup() as group:
        runs = [group.create_task(call(only_namespaces, PLAIN, GOOD, PLAIN.url)) for _ in range(4)]
    assert {len(run.result().seen.requests) for run in runs} == {1}


async def test_a_remote_sandbox_is_refused_with_the_remedy() -> None:
    beside = ServiceBeside(sandbox=E2BSandbox(api_key="e2b_" + "0" * 40), limits=LIMITS)
    with pytest.raises(SandboxUnavailable, match="sandbox='local'"):
        await beside.run(PLAIN, Program(code=GOOD, entry_point="main"))


async def test_a_tier_without_boxes_is_refused_with_the_remedy(sandbox: LocalSandbox) -> None:
    if sandbox.isolation is Isolation.NAMESPACES:
        pytest.skip("this tier has boxes")
    with pytest.raises(SandboxUnavailable, match="user namespaces"):
        await call(sandbox, PLAIN, GOOD, PLAIN.url)
