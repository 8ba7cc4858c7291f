"""Limits of a whole sandbox, tested where a cgroup may be made; elsewhere, that nothing runs."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.sandbox.conftest import TEST_LIMITS
from tests.sandbox.processes import eventually, families

from tta_dev_primitives.core.errors import ConfigurationError, SandboxUnavailable
from tta_dev_primitives.sandbox import Isolation, Limits, LocalSandbox, Totals
from tta_dev_primitives.sandbox.local.cgroups import Cgroup, NotDelegated, find_place

TOTALS = Totals(memory_bytes=200 << 20, processes=60)
SLEEP = "import time; time.sleep(60)"
FILL = "import time\nheld = b'x' * ({} << 20)\ntime.sleep({})"


def _place() -> Path | None:
    try:
        return find_place(TOTALS.controllers)
    except NotDelegated:
        return None


delegated = pytest.mark.skipif(_place() is None, reason="no cgroup is delegated to this process")


def _cgroups() -> list[Path]:
    place = _place()
    return sorted(place.glob("playbox-*")) if place else []


def _cgroup_of(process: int) -> str:
    return Path(f"/proc/{process}/cgroup").read_text(encoding="utf-8").rpartition("0::")[2].strip()


@pytest.mark.parametrize(
    "wrong",
    [{"memory_bytes": 0}, {"memory_bytes": 1 << 20}, {"processes": 2}, {"processes": 1.5}, {"cpus": 0}],
    ids=str,
)
def test_totals_that_no_sandbox_fits_into_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ConfigurationError, match=f"total {next(iter(wrong))}="):
        Totals(**wrong)


def test_totals_and_the_permission_to_run_unconfined_exclude_each_other() -> None:
    with pytest.raises(ConfigurationError, match="totals"):
        LocalSandbox(totals=TOTALS, allow_unsandboxed=True)


@pytest.mark.skipif(_place() is not None, reason="a cgroup is delegated to this process")
async def test_without_a_delegated_cgroup_nothing_runs() -> None:
    before = {family.launcher for family in families()}
    async with LocalSandbox(totals=TOTALS) as sandbox:
        with pytest.raises(SandboxUnavailable, match=r"no total limits here: .*; start this program in"):
            await sandbox.run_code("1")
        assert {family.launcher for family in families()} <= before


@delegated
async def test_everything_but_the_host_is_in_the_cgroup_which_ends_with_the_sandbox() -> None:
    before, own = _cgroups(), _cgroup_of(os.getpid())
    async with LocalSandbox(totals=TOTALS) as sandbox:
        await sandbox.run_code("1")
        (made,) = set(_cgroups()) - set(before)
        (family,) = families()
        assert {Path(_cgroup_of(process)).name for process in family.everyone} == {made.name}
        assert _cgroup_of(os.getpid()) == own
        assert (made / "memory.max").read_text(encoding="utf-8").strip() == str(TOTALS.memory_bytes)
    assert _cgroups() == before


async def test_guests_die_before_what_keeps_them_where_memory_is_short(only_namespaces: LocalSandbox) -> None:
    code = "path = '/proc/self/oom_score_adj'\nprint(open(path).read())\nopen(path, 'w').write('0')"
    execution = await only_namespaces.run_code(code)
    assert execution.stdout == "1000\n\n"
    assert execution.error is not None
    assert "Read-only file system" in execution.error.value


@delegated
async def test_memory_of_all_runs_together_stops_at_its_limit() -> None:
    limits = Limits(wall_s=30, cpu_s=20, memory_bytes=190 << 20)
    async with LocalSandbox(totals=TOTALS, limits=limits, max_concurrent=3) as sandbox:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(sandbox.run_code(FILL.format(110, 5))) for _ in range(3)]
        killed = [task.result().signal for task in tasks]
        assert signal.SIGKILL in killed
        assert (await sandbox.run_code("6 * 7")).text == "42"


@delegated
async def test_files_of_all_runs_together_are_memory_too() -> None:
    limits = Limits(wall_s=30, cpu_s=20, memory_bytes=150 << 20, disk_bytes=150 << 20)
    code = "import time\nopen('f', 'wb').write(bytes(110 << 20))\ntime.sleep(5)"
    async with LocalSandbox(
        totals=TOTALS, limits=limits, max_concurrent=3, isolation=Isolation.NAMESPACES
    ) as sandbox:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(sandbox.run_code(code)) for _ in range(3)]
        assert not all(task.result().success for task in tasks)
        assert (await sandbox.run_code("6 * 7")).text == "42"


@delegated
async def test_processes_of_all_runs_together_stop_at_their_limit() -> None:
    code = """
import threading, time
made = 0
try:
    while made < 55:
        threading.Thread(target=time.sleep, args=(4,), daemon=True).start()
        made += 1
except RuntimeError:
    pass
made
"""
    async with LocalSandbox(totals=TOTALS, limits=TEST_LIMITS, max_concurrent=2) as sandbox:
        await sandbox.run_code("1")
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(sandbox.run_code(code)) for _ in range(2)]
        made = [int(task.result().text or 0) for task in tasks]
        assert sum(made) < TOTALS.processes if TOTALS.processes else False
        assert (await sandbox.run_code("6 * 7")).text == "42"


@delegated
async def test_a_jail_that_died_starts_again_in_the_same_cgroup() -> None:
    async with LocalSandbox(totals=TOTALS) as sandbox:
        await sandbox.run_code("1")
        before = _cgroups()
        (family,) = families()
        os.kill(family.zygote, signal.SIGKILL)
        assert eventually(lambda: not families())
        assert (await sandbox.run_code("1")).success
        assert _cgroups() == before


@delegated
async def test_what_a_killed_host_left_is_removed_by_the_next() -> None:
    program = (
        "import asyncio, os, signal\nfrom tta_dev_primitives.sandbox import LocalSandbox, Totals\n"
        "sandbox = LocalSandbox(totals=Totals(processes=60))\n"
        "asyncio.run(sandbox.run_code('1'))\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    before = _cgroups()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=False)  # noqa: ASYNC221, S603
    (left,) = set(_cgroups()) - set(before)
    assert eventually(lambda: not (left / "cgroup.procs").read_text(encoding="utf-8"))
    made = Cgroup.make(TOTALS)
    assert not left.exists()
    await made.remove()
    assert not made.path.exists()
