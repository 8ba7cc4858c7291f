"""Spares: children that are confined before their program is known. Each serves one run."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from tests.sandbox.conftest import TEST_LIMITS
from tests.sandbox.processes import Family, alive, ended, eventually, families, newest

from tta_dev_primitives.core.errors import ConfigurationError
from tta_dev_primitives.sandbox import Isolation, Limits, LocalSandbox

SLEEP = "import time; time.sleep({})"


@pytest.fixture
async def own(sandbox: LocalSandbox) -> AsyncIterator[LocalSandbox]:
    """A sandbox of the same tier that no other test has used."""
    async with LocalSandbox(isolation=sandbox.isolation, limits=TEST_LIMITS) as one:
        await one.run_code("pass")
        yield one


async def _spares() -> Family:
    """The newest jail, once its spares wait."""
    family, calm = newest(), 0
    while calm < 3 or not family.spares:
        await asyncio.sleep(0.05)
        calm = calm + 1 if newest() == family else 0
        family = newest()
    return family


async def test_spares_wait_after_the_first_run(own: LocalSandbox) -> None:
    assert own.isolation in (Isolation.NAMESPACES, Isolation.LANDLOCK)
    assert (await _spares()).spares
    assert not newest().runs


async def test_every_run_has_a_process_of_its_own(own: LocalSandbox) -> None:
    await _spares()
    code = "import os, builtins; assert not hasattr(builtins, 'seen'); builtins.seen = 1; os.listdir()"
    assert [(await own.run_code(code)).text for _ in range(12)] == ["[]"] * 12


async def test_spares_have_random_numbers_of_their_own(own: LocalSandbox) -> None:
    await _spares()
    code = "import os, random; (random.random(), os.urandom(4))"
    assert len({(await own.run_code(code)).text for _ in range(10)}) == 10


LIMITS = """
import resource
names = "AS DATA NOFILE CPU FSIZE".split()
print(*(resource.getrlimit(getattr(resource, f"RLIMIT_{name}")) for name in names))
"""


@pytest.mark.parametrize(
    "change", [{"open_files": 99}, {"cpu_s": 3}, {"memory_bytes": 100 << 20}, {"open_files": 32, "cpu_s": 1}]
)
async def test_a_spare_takes_on_lower_limits_for_good(own: LocalSandbox, change: dict[str, int]) -> None:
    await _spares()
    lower = replace(TEST_LIMITS, **change)
    execution = await own.run_code(LIMITS, limits=lower)
    assert str((lower.memory_bytes, lower.memory_bytes)) in execution.stdout
    assert str((lower.open_files, lower.open_files)) in execution.stdout
    assert str((lower.cpu_s, lower.cpu_s + 1)) in execution.stdout
    raising = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))"
    if lower.open_files < 200:
        assert not (await own.run_code(raising, limits=lower)).success


@pytest.mark.parametrize(
    "change", [{"open_files": 999}, {"disk_bytes": 1 << 20}, {"inodes": 50}, {"memory_bytes": 300 << 20}]
)
async def test_other_limits_are_those_of_a_fresh_child(own: LocalSandbox, change: dict[str, int]) -> None:
    await _spares()
    other = replace(TEST_LIMITS, **change)
    execution = await own.run_code(LIMITS, limits=other)
    assert str((other.memory_bytes, other.memory_bytes)) in execution.stdout
    assert str((other.open_files, other.open_files)) in execution.stdout
    assert str((other.disk_bytes, other.disk_bytes)) in execution.stdout
    again = await own.run_code(LIMITS)
    assert str((TEST_LIMITS.open_files, TEST_LIMITS.open_files)) in again.stdout


async def test_lower_memory_is_a_limit_and_not_only_a_number(own: LocalSandbox) -> None:
    await _spares()
    lower = replace(TEST_LIMITS, memory_bytes=100 << 20)
    execution = await own.run_code("b'x' * (150 << 20)", limits=lower)
    assert execution.error is not None
    assert execution.error.name == "MemoryError"
    assert (await own.run_code("len(b'x' * (150 << 20))")).success


async def test_limits_that_the_host_watches_are_those_of_the_run(own: LocalSandbox) -> None:
    await _spares()
    execution = await own.run_code("print('x' * 99)", limits=replace(TEST_LIMITS, output_bytes=10))
    assert (execution.stdout, execution.truncated) == ("x" * 10, True)


async def test_waiting_as_a_spare_is_not_time_of_the_run(own: LocalSandbox) -> None:
    await _spares()
    await asyncio.sleep(0.5)
    assert (await own.run_code("pass", limits=replace(TEST_LIMITS, wall_s=0.4))).success


async def test_spares_that_died_are_replaced(own: LocalSandbox) -> None:
    for spare in (await _spares()).spares:
        with contextlib.suppress(ProcessLookupError):  # it went with its init
            os.kill(spare, signal.SIGKILL)
    await asyncio.sleep(0.2)
    for number in range(6):
        assert (await own.run_code(f"{number}")).text == str(number)


async def test_a_zygote_that_dies_before_the_program_is_sent_is_no_failure(own: LocalSandbox) -> None:
    for _ in range(3):
        family = await _spares()
        os.kill(family.zygote, signal.SIGKILL)
        assert eventually(lambda gone=family.zygote: ended(gone))  # type: ignore[misc]
        assert (await own.run_code("1")).text == "1"


async def test_spares_outlive_an_event_loop() -> None:
    def first_and_second() -> tuple[bool, tuple[int, ...], tuple[int, ...]]:
        sandbox = LocalSandbox()
        first = asyncio.run(sandbox.run_code("1"))
        time.sleep(0.5)
        before = newest().spares
        second = asyncio.run(sandbox.run_code("1"))
        after = newest().spares
        asyncio.run(sandbox.aclose())
        return first.success and second.success, before, after

    successes, before, after = await asyncio.to_thread(first_and_second)
    assert successes
    assert set(before) & set(after)


async def test_with_confirmed_exit_nothing_of_a_run_is_left(sandbox: LocalSandbox) -> None:
    async with LocalSandbox(isolation=sandbox.isolation, confirm_exit=True, max_concurrent=1) as own:
        await own.run_code("pass")
        for _ in range(10):
            spares = (await _spares()).spares
            assert (await own.run_code("pass")).success
            assert not alive(list(spares))


async def test_a_zygote_retires_after_its_runs(sandbox: LocalSandbox) -> None:
    others = {family.launcher for family in families()}
    async with LocalSandbox(isolation=sandbox.isolation, runs_per_zygote=6) as own:
        await own.run_code("pass")
        first = newest()
        long = asyncio.create_task(own.run_code(SLEEP.format(1) + "; print('whole')"))
        for _ in range(12):
            assert (await own.run_code("pass")).success
        assert newest().zygote != first.zygote
        assert (await long).stdout == "whole\n"
        await asyncio.sleep(0.2)
        await own.run_code("pass")
        assert first.launcher not in {family.launcher for family in families()}
    assert {family.launcher for family in families()} == others


async def test_no_more_runs_at_once_than_asked_for(sandbox: LocalSandbox) -> None:
    async with LocalSandbox(isolation=sandbox.isolation, max_concurrent=2) as own:
        await own.run_code("pass")
        most = 0
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(own.run_code(SLEEP.format(0.2))) for _ in range(6)]
            while not all(task.done() for task in tasks):
                most = max(most, len(newest().runs))
                await asyncio.sleep(0.01)
        assert all(task.result().success for task in tasks)
        assert most == 2


async def test_waiting_for_a_place_is_not_time_of_the_run(sandbox: LocalSandbox) -> None:
    limits = replace(TEST_LIMITS, wall_s=1.5)
    async with LocalSandbox(isolation=sandbox.isolation, max_concurrent=1, limits=limits) as own:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(own.run_code(SLEEP.format(0.8))) for _ in range(3)]
        assert all(task.result().success and task.result().usage.wall_s < 1.5 for task in tasks)


async def test_cancelling_who_waits_for_a_place_loses_none(sandbox: LocalSandbox) -> None:
    async with LocalSandbox(isolation=sandbox.isolation, max_concurrent=1) as own:
        for _ in range(5):
            first = asyncio.create_task(own.run_code(SLEEP.format(60)))
            others = [asyncio.create_task(own.run_code("1")) for _ in range(3)]
            await asyncio.sleep(0.15)
            for task in (others[0], first, others[1]):
                task.cancel()
            done = await asyncio.gather(first, *others, return_exceptions=True)
            assert [type(one).__name__ for one in done] == [*["CancelledError"] * 3, "Execution"]
        assert (await own.run_code("1")).success


async def test_closing_fails_who_waits_for_a_place(sandbox: LocalSandbox) -> None:
    own = LocalSandbox(isolation=sandbox.isolation, max_concurrent=1)
    tasks = [asyncio.create_task(own.run_code(SLEEP.format(60))) for _ in range(3)]
    await asyncio.sleep(0.5)
    await own.aclose()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(one).__name__ for one in done} <= {"SandboxCrashed", "ConfigurationError"}


@pytest.mark.parametrize("number", [0, -1, 1.5, True])
def test_numbers_of_runs_are_checked(number: int) -> None:
    with pytest.raises(ConfigurationError, match="max_concurrent="):
        LocalSandbox(max_concurrent=number)
    with pytest.raises(ConfigurationError, match="runs_per_zygote="):
        LocalSandbox(runs_per_zygote=number)


async def test_unconfined_runs_are_bounded_as_well() -> None:
    async with LocalSandbox(isolation=Isolation.NONE, allow_unsandboxed=True, max_concurrent=1) as own:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(own.run_code("1", limits=Limits(wall_s=10))) for _ in range(3)]
        assert all(task.result().text == "1" for task in tasks)
