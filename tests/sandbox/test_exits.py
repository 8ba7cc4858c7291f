"""How a program ends is what the kernel says, by whichever route it ends, and however early it is told."""

from __future__ import annotations

import signal
from dataclasses import replace

import pytest
from tests.sandbox.conftest import TEST_LIMITS

from tta_dev_primitives.sandbox import LocalSandbox, Stop
from tta_dev_primitives.sandbox.local.inside import syscalls
from tta_dev_primitives.sandbox.local.inside.exit_notice import MARK

TICKING = "import os, signal\nsignal.signal(14, lambda *_: None)\nsignal.setitimer(0, 0.0005, 0.0005)\n"
NATIVE = syscalls.native()
EXIT = NATIVE.numbers["exit"] if NATIVE else 0
EXIT_GROUP = NATIVE.numbers["exit_group"] if NATIVE else 0
CALL = "import ctypes\ncall = ctypes.CDLL(None).syscall\n"
MARKED = f"call({EXIT_GROUP}, 3, {MARK})\n"
THREAD = "import os, threading, time\nthreading.Thread(target={}, args=({})).start()\ntime.sleep(20)"
SHELL_13 = "'/bin/sh', ['sh', '-c', 'exit 13']"
THREAD_GOES_ON = (
    f"{CALL}import os, threading, time\n"
    "threading.Thread(target=lambda: (time.sleep(0.1), os._exit(5))).start()\n"
    f"call({EXIT}, 3)"
)

CODES = {
    "the end": ("1 + 1", 0),
    "an exception": ("1 / 0", 1),
    "sys.exit": ("import sys; sys.exit(7)", 7),
    "a code above 255": ("import sys; sys.exit(300)", 44),
    "a negative code": ("import sys; sys.exit(-1)", 255),
    "a message": ("import sys; sys.exit('no')", 1),
    "os._exit": ("import os; os._exit(9)", 9),
    "os._exit above 255": ("import os; os._exit(258)", 2),
    "os._exit in a thread": (THREAD.format("os._exit", "6,"), 6),
    "a thread after the main one": (THREAD_GOES_ON, 5),
    "another program": ("import os; os.execv('/bin/sh', ['sh', '-c', 'exit 12'])", 12),
    "another program, from a thread": (THREAD.format("os.execv", SHELL_13), 13),
    "an exit handler": ("import atexit, os; atexit.register(os._exit, 8)", 8),
    "a marked exit": (f"{CALL}{MARKED}", 3),
    "a broken os._exit": ("import os; os._exit = print\nraise SystemExit(4)", 4),
}


@pytest.mark.parametrize("route", CODES)
async def test_exit_codes(sandbox: LocalSandbox, route: str) -> None:
    code, expected = CODES[route]
    execution = await sandbox.run_code(code)
    assert (execution.stop, execution.exit_code, execution.signal) == (Stop.EXITED, expected, None)


async def test_exit_codes_where_the_exit_is_confirmed(sandbox: LocalSandbox) -> None:
    async with LocalSandbox(isolation=sandbox.isolation, limits=TEST_LIMITS, confirm_exit=True) as own:
        for route, (code, expected) in CODES.items():
            execution = await own.run_code(code)
            assert (execution.stop, execution.exit_code) == (Stop.EXITED, expected), route


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM, signal.SIGABRT])
async def test_signals(sandbox: LocalSandbox, number: signal.Signals) -> None:
    execution = await sandbox.run_code(f"import os; os.kill(os.getpid(), {number:d})")
    assert (execution.stop, execution.exit_code, execution.signal) == (Stop.SIGNALLED, None, number)


@pytest.mark.parametrize("end", ["", "os._exit(0)", "raise SystemExit(0)"])
async def test_timer_signals_do_not_change_an_exit(sandbox: LocalSandbox, end: str) -> None:
    ends = [await sandbox.run_code(TICKING + end) for _ in range(15)]
    assert [(one.stop, one.exit_code) for one in ends] == [(Stop.EXITED, 0)] * 15


async def test_threads_that_print_do_not_change_an_exit(sandbox: LocalSandbox) -> None:
    code = (
        "import os, threading\n"
        "def flood():\n    while True: os.write(1, b'a')\n"
        "for _ in range(4): threading.Thread(target=flood, daemon=True).start()\n"
        "os.write(2, b'last'); raise SystemExit(11)"
    )
    execution = await sandbox.run_code(code, limits=replace(TEST_LIMITS, output_bytes=64 << 20))
    assert (execution.stop, execution.exit_code, execution.stderr) == (Stop.EXITED, 11, "last")
    assert set(execution.stdout) <= {"a"}
    assert execution.usage.output_bytes == len(execution.stdout) + len(execution.stderr)


async def test_all_that_was_printed_before_the_exit_is_there(sandbox: LocalSandbox) -> None:
    execution = await sandbox.run_code("print('a' * 500_000); print('end')")
    assert execution.stdout == "a" * 500_000 + "\nend\n"


async def test_usage_is_of_the_program(sandbox: LocalSandbox) -> None:
    code = (
        "import time\nx = bytearray(b'1') * (100 << 20)\ndel x\nwhile time.process_time() < 0.3: pass\n"
        "time.process_time()"
    )
    execution = await sandbox.run_code(code)
    assert 100 << 20 < execution.usage.peak_memory_bytes < 200 << 20
    assert execution.usage.cpu_s >= float(execution.text or "nan") >= 0.3


async def test_usage_counts_threads(sandbox: LocalSandbox) -> None:
    code = (
        "import threading, time\n"
        "def spin():\n    while time.thread_time() < 0.2: pass\n"
        "threads = [threading.Thread(target=spin) for _ in range(2)]\n"
        "for one in threads: one.start()\n"
        "for one in threads: one.join()"
    )
    assert (await sandbox.run_code(code)).usage.cpu_s >= 0.4


async def test_usage_counts_children(only_namespaces: LocalSandbox) -> None:
    code = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    x = bytearray(b'1') * (100 << 20)\n"
        "    while time.process_time() < 0.2: pass\n"
        "    os._exit(0)\n"
        "os.wait()"
    )
    execution = await only_namespaces.run_code(code, limits=replace(TEST_LIMITS, processes=4))
    assert execution.success
    assert execution.usage.peak_memory_bytes > 100 << 20
    assert execution.usage.cpu_s >= 0.2


async def test_a_marked_exit_after_another_program_hides_no_memory(sandbox: LocalSandbox) -> None:
    code = (
        "import os, sys\nx = bytearray(b'1') * (100 << 20)\n"
        f"os.execv(sys.executable, [sys.executable, '-I', '-S', '-c', {CALL + MARKED!r}])"
    )
    execution = await sandbox.run_code(code)
    assert (execution.stop, execution.exit_code) == (Stop.EXITED, 3)
    assert execution.usage.peak_memory_bytes > 100 << 20


async def test_a_marked_exit_of_a_thread_is_no_success(sandbox: LocalSandbox) -> None:
    execution = await sandbox.run_code(CALL + THREAD.format("call", f"{EXIT_GROUP}, 3, {MARK}"))
    assert (execution.stop, execution.exit_code, execution.signal) in (
        (Stop.EXITED, 3, None),
        (Stop.SIGNALLED, None, signal.SIGKILL),
    )


async def test_a_marked_exit_that_comes_back_is_no_success(sandbox: LocalSandbox) -> None:
    code = f"{TICKING}{CALL}while True: {MARKED}"
    ends = [await sandbox.run_code(code) for _ in range(10)]
    assert {(one.stop, one.exit_code, one.signal) for one in ends} <= {
        (Stop.EXITED, 3, None),
        (Stop.SIGNALLED, None, signal.SIGKILL),
    }


async def test_a_child_of_the_program_may_make_a_marked_exit(only_namespaces: LocalSandbox) -> None:
    code = f"{CALL}import os\nif os.fork() == 0: {MARKED}\nos.waitstatus_to_exitcode(os.wait()[1])"
    execution = await only_namespaces.run_code(code, limits=replace(TEST_LIMITS, processes=4))
    assert (execution.exit_code, execution.text) == (0, "3")


async def test_a_program_that_forks_into_the_runner_has_one_verdict(only_namespaces: LocalSandbox) -> None:
    code = "import os, sys\nif os.fork() == 0: sys.exit(3)\nos.wait()\nsys.exit(4)"
    execution = await only_namespaces.run_code(code, limits=replace(TEST_LIMITS, processes=4))
    assert (execution.stop, execution.exit_code) == (Stop.EXITED, 4)


@pytest.mark.parametrize("policy", ["SCHED_IDLE", "SCHED_OTHER | os.SCHED_RESET_ON_FORK"])
async def test_a_program_that_init_may_not_schedule_ends_as_it_did(
    sandbox: LocalSandbox, policy: str
) -> None:
    code = f"import os\nos.sched_setscheduler(0, os.{policy}, os.sched_param(0))\nraise SystemExit(3)"
    execution = await sandbox.run_code(code)
    assert (execution.stop, execution.exit_code) == (Stop.EXITED, 3)
