"""Starting, crashing, cancelling, closing: nothing hangs, nothing is left."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.sandbox.conftest import TEST_LIMITS
from tests.sandbox.processes import Family, alive, descendants, eventually, families

from tta_dev_primitives.core.errors import ConfigurationError, SandboxCrashed
from tta_dev_primitives.sandbox import Limits, LocalSandbox

SLEEP = "import time; time.sleep(60)"


def _family_of(before: list[Family]) -> Family:
    (new,) = [family for family in families() if family.launcher not in {old.launcher for old in before}]
    return new


async def _until_running(count: int, before: list[Family]) -> Family:
    while len(_family_of(before).runs) < count:  # noqa: ASYNC110  # the kernel sends no event
        await asyncio.sleep(0.01)
    return _family_of(before)


async def test_runs_may_be_concurrent(sandbox: LocalSandbox) -> None:
    codes = [f"import time; time.sleep(0.05); print({n})" for n in range(20)]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(sandbox.run_code(code)) for code in codes]
    assert [task.result().stdout for task in tasks] == [f"{n}\n" for n in range(20)]


async def test_a_first_run_may_be_many_at_once(jails: Callable[[], list[Family]]) -> None:
    before = len(jails())
    async with LocalSandbox() as sandbox:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(sandbox.run_code("1")) for _ in range(5)]
        assert all(task.result().success for task in tasks)
        assert len(jails()) == before + 1
    assert len(jails()) == before


def test_one_sandbox_serves_successive_event_loops() -> None:
    sandbox = LocalSandbox()
    assert asyncio.run(sandbox.run_code("1")).text == "1"
    assert asyncio.run(sandbox.run_code("2")).text == "2"
    asyncio.run(sandbox.aclose())


async def test_one_sandbox_does_not_serve_two_running_loops() -> None:
    async with LocalSandbox() as sandbox:
        await sandbox.run_code("1")
        with pytest.raises(ConfigurationError, match="another running event loop"):
            await asyncio.to_thread(asyncio.run, sandbox.run_code("1"))


async def test_a_dead_zygote_is_a_crash_and_the_next_run_works() -> None:
    before = families()
    async with LocalSandbox() as sandbox:
        await sandbox.run_code("1")
        runs = [asyncio.create_task(sandbox.run_code(SLEEP)) for _ in range(3)]
        family = await _until_running(3, before)
        os.kill(family.zygote, signal.SIGKILL)
        for run in runs:
            with pytest.raises(SandboxCrashed, match="died"):
                await run
        everyone = family.everyone
        assert (await sandbox.run_code("40 + 2")).text == "42"
        assert eventually(lambda: not alive(everyone))


async def test_a_dead_launcher_takes_everything_along() -> None:
    before = families()
    async with LocalSandbox() as sandbox:
        await sandbox.run_code("1")
        run = asyncio.create_task(sandbox.run_code(SLEEP))
        family = await _until_running(1, before)
        os.kill(family.launcher, signal.SIGKILL)
        with pytest.raises(SandboxCrashed):
            await run
        assert eventually(lambda: not alive(family.everyone))
        assert (await sandbox.run_code("1")).success


async def test_a_zygote_that_died_between_runs_is_replaced() -> None:
    before = families()
    async with LocalSandbox() as sandbox:
        await sandbox.run_code("1")
        os.kill(_family_of(before).zygote, signal.SIGKILL)
        await asyncio.sleep(0.2)
        assert (await sandbox.run_code("1")).success


async def test_cancelling_kills_the_run(sandbox: LocalSandbox) -> None:
    busy = {process for family in families() for process in family.runs}
    run = asyncio.create_task(sandbox.run_code(SLEEP))
    new: set[int] = set()
    while not new:  # as above
        await asyncio.sleep(0.01)
        new = {process for family in families() for process in family.runs} - busy
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert await asyncio.to_thread(eventually, lambda: not alive(list(new)))
    assert (await sandbox.run_code("1")).success


async def test_a_timeout_of_the_callers_kills_the_run(sandbox: LocalSandbox) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await sandbox.run_code(SLEEP)
    assert eventually(lambda: not any(family.runs for family in families()))


async def test_closing_kills_what_runs() -> None:
    before = families()
    sandbox = LocalSandbox()
    await sandbox.run_code("1")
    run = asyncio.create_task(sandbox.run_code(SLEEP))
    family = await _until_running(1, before)
    await sandbox.aclose()
    with pytest.raises(SandboxCrashed, match="closed"):
        await run
    assert not alive(family.everyone)


async def test_closing_while_it_starts_leaves_nothing() -> None:
    before = families()
    sandbox = LocalSandbox()
    run = asyncio.create_task(sandbox.run_code(SLEEP))
    await asyncio.sleep(0.005)
    await sandbox.aclose()
    with pytest.raises((SandboxCrashed, ConfigurationError)):
        await run
    assert families() == before


async def test_cancelling_the_start_leaves_nothing() -> None:
    before = families()
    async with LocalSandbox() as sandbox:
        run = asyncio.create_task(sandbox.run_code("1"))
        await asyncio.sleep(0.005)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        assert families() == before
        assert (await sandbox.run_code("1")).success


def test_when_the_host_is_killed_nothing_survives(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys\n"
        "from tta_dev_primitives.sandbox import LocalSandbox\n"
        "async def main():\n"
        "    sandbox = LocalSandbox()\n"
        "    await sandbox.run_code('1')\n"
        "    run = asyncio.create_task(sandbox.run_code('import time; time.sleep(60)'))\n"
        "    await asyncio.sleep(0.3)\n"
        "    print('running', flush=True)\n"
        "    await run\n"
        "asyncio.run(main())\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment, cwd=tmp_path
    ) as host:
        assert host.stdout is not None
        assert host.stdout.readline() == b"running\n"
        everyone = descendants(host.pid)
        assert len(everyone) >= 4
        host.kill()
    assert eventually(lambda: not alive(everyone))


async def _mixed_run(sandbox: LocalSandbox, number: int) -> None:
    """A success, a failure, a flood, a run that is out of time, other limits, or one that is given up."""
    if number % 11 == 0:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await sandbox.run_code(SLEEP)
        return
    changed: dict[int, Limits] = {1: Limits(wall_s=0.02), 2: replace(TEST_LIMITS, wall_s=0.02)}
    code = "while True: print('x' * 1000)" if number % 7 == 0 else "print(1)" if number % 3 else "1/0"
    await sandbox.run_code(code, limits=changed.get(number % 20))


async def test_three_hundred_mixed_runs_leave_nothing(sandbox: LocalSandbox) -> None:
    for number in range(1, 5):
        await _mixed_run(sandbox, number)
    gc.collect()  # what earlier tests left
    before = await _settled()
    for number in range(0, 300, 3):
        async with asyncio.TaskGroup() as group:
            for offset in range(3):
                group.create_task(_mixed_run(sandbox, number + offset))
    gc.collect()
    assert await _settled() == before
    assert not any(family.runs for family in families())


async def _settled() -> tuple[object, ...]:
    """What is open and alive, when ends and spares in the background have come to rest."""
    seen, since = _all_open(), time.monotonic()
    while time.monotonic() - since < 0.5:
        await asyncio.sleep(0.05)
        now = _all_open()
        if now != seen:
            seen, since = now, time.monotonic()
    return seen


def _all_open() -> tuple[object, ...]:
    spares = sorted(len(family.spares) for family in families())
    return _count(Path("/proc/self/fd")), _descriptors_and_mounts_of_zygotes(), spares


def _count(directory: Path) -> int:
    return len(list(directory.iterdir()))


def _descriptors_and_mounts_of_zygotes() -> dict[int, tuple[int, int]] | None:
    if os.geteuid() != 0:
        return None  # a zygote lets nobody look at it
    return {
        family.zygote: (
            # Of each slot it has two, and how many slots wait idle depends on what was at once.
            _count(Path(f"/proc/{family.zygote}/fd")) - 2 * len(family.slots),
            len(Path(f"/proc/{family.zygote}/mountinfo").read_bytes().splitlines()),
        )
        for family in families()
    }


async def test_the_smallest_limits_still_start_an_interpreter(sandbox: LocalSandbox) -> None:
    limits = Limits(memory_bytes=48 << 20, disk_bytes=4096, inodes=1, open_files=16)
    execution = await sandbox.run_code("1", limits=limits, files={"a": bytes(4096)})
    assert execution.text == "1"
