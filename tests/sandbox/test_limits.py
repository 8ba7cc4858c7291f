from __future__ import annotations

from dataclasses import replace

import pytest
from tests.sandbox.conftest import TEST_LIMITS

from tta_dev_primitives.core.errors import ConfigurationError, SandboxUnavailable
from tta_dev_primitives.sandbox import Isolation, Limits, LocalSandbox, Stop


async def test_cpu_time(sandbox: LocalSandbox) -> None:
    execution = await sandbox.run_code("while True: pass", limits=replace(TEST_LIMITS, cpu_s=1))
    assert (execution.stop, execution.exit_code) == (Stop.CPU_TIME, None)


async def test_cpu_time_of_a_program_that_ignores_the_signal(sandbox: LocalSandbox) -> None:
    execution = await sandbox.run_code(
        "import signal; signal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass",
        limits=replace(TEST_LIMITS, cpu_s=1),
    )
    assert (execution.stop, execution.signal) == (Stop.CPU_TIME, 9)


async def test_wall_time_of_a_sleeper(sandbox: LocalSandbox) -> None:
    execution = await sandbox.run_code("import time; time.sleep(99)", limits=Limits(wall_s=0.2))
    assert execution.stop is Stop.WALL_TIME


async def test_one_large_allocation_fails(sandbox: LocalSandbox) -> None:
    execution = await sandbox.run_code("x = bytearray(300 << 20)")
    assert execution.error is not None
    assert execution.error.name == "MemoryError"
    assert not execution.success


async def test_many_small_allocations_stop_at_the_limit(sandbox: LocalSandbox) -> None:
    execution = await sandbox.run_code("x = []\nwhile True: x.append(b'1' * 100_000)")
    assert execution.stop is Stop.MEMORY
    assert execution.exit_code is None
    assert execution.usage.peak_memory_bytes <= TEST_LIMITS.memory_bytes


async def test_output_is_cut_and_the_run_stopped(sandbox: LocalSandbox) -> None:
    limits = replace(TEST_LIMITS, output_bytes=1000)
    execution = await sandbox.run_code("while True: print('x' * 99)", limits=limits)
    assert (execution.stop, execution.truncated) == (Stop.OUTPUT, True)
    assert len(execution.stdout) == 1000
    assert execution.usage.output_bytes == 1000


async def test_output_is_counted_over_both_streams(sandbox: LocalSandbox) -> None:
    limits = replace(TEST_LIMITS, output_bytes=1000)
    code = "import sys\nprint('x' * 499)\nprint('y' * {n}, file=sys.stderr)"
    fits = await sandbox.run_code(code.format(n=499), limits=limits)
    assert (fits.success, fits.truncated, fits.usage.output_bytes) == (True, False, 1000)
    over = await sandbox.run_code(code.format(n=500), limits=limits)
    assert (over.stop, over.truncated, over.exit_code) == (Stop.OUTPUT, True, None)
    assert len(over.stdout) + len(over.stderr) == 1000


async def test_disk_space(only_namespaces: LocalSandbox) -> None:
    execution = await only_namespaces.run_code(
        "for n in range(100):\n  open(f'/tmp/{n}' if n % 2 else str(n), 'wb').write(bytes(1 << 20))"
    )
    assert execution.error is not None
    assert "No space left on device" in execution.error.value


async def test_size_of_one_file(sandbox: LocalSandbox) -> None:
    execution = await sandbox.run_code("open('x', 'wb').write(bytes(9 << 20))")
    assert not execution.success


async def test_number_of_files(only_namespaces: LocalSandbox) -> None:
    execution = await only_namespaces.run_code("for n in range(1000): open(str(n), 'w').close()")
    assert execution.error is not None
    assert "No space left on device" in execution.error.value


async def test_open_files(sandbox: LocalSandbox) -> None:
    execution = await sandbox.run_code("x = [open('/dev/null') for _ in range(1000)]")
    assert execution.error is not None
    assert "Too many open files" in execution.error.value


async def test_processes(only_namespaces: LocalSandbox) -> None:
    execution = await only_namespaces.run_code(
        "import os, time\nmade = 0\n"
        "try:\n  while made < 50:\n    if os.fork() == 0: time.sleep(60)\n    made += 1\n"
        "except BlockingIOError: pass\n"
        "print(made)",
        limits=replace(TEST_LIMITS, processes=5),
    )
    assert execution.stdout == "4\n"


async def test_more_than_one_process_needs_namespaces() -> None:
    async with LocalSandbox(isolation=Isolation.LANDLOCK) as sandbox:
        with pytest.raises(SandboxUnavailable, match=r"processes=2|landlock refused"):
            await sandbox.run_code("1", limits=Limits(processes=2))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"memory_bytes": 1 << 20}, "memory_bytes=1048576 must be at least"),
        ({"open_files": 3}, "open_files=3"),
        ({"disk_bytes": 1}, "disk_bytes=1"),
        ({"wall_s": float("inf")}, "wall_s=inf"),
        ({"cpu_s": 1.5}, r"cpu_s=1\.5"),
        ({"output_bytes": 1 << 63}, "output_bytes=9223372036854775808"),
    ],
)
async def test_limits_that_cannot_be_set_are_refused(changed: dict[str, int], message: str) -> None:
    limits = replace(Limits(), **changed)
    with pytest.raises(ConfigurationError, match=message):
        LocalSandbox(limits=limits)
    async with LocalSandbox() as sandbox:
        with pytest.raises(ConfigurationError, match=message):
            await sandbox.run_code("1", limits=limits)
