"""Slots: runs come one after another in one pid namespace, and none learns of the one before, or suffers."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import replace

import pytest
from tests.sandbox.conftest import TEST_LIMITS
from tests.sandbox.processes import alive, eventually, newest, parents

from tta_dev_primitives.sandbox import Isolation, LocalSandbox, Stop

SEVERAL = replace(TEST_LIMITS, processes=16)
DAEMON = """
import os, signal, time
for number in (1, 2, 15):
    signal.signal(number, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(30)
    os._exit(0)
os.wait()
"""
AGAINST_THE_INIT = """
import ctypes, os, resource, signal
call = ctypes.CDLL(None, use_errno=True).syscall
done = []
for number in range(1, 65):
    try:
        os.kill(1, number)
    except OSError:
        pass
for attempt in (
    lambda: resource.prlimit(1, resource.RLIMIT_NOFILE, (4, 4)),
    lambda: resource.prlimit(1, resource.RLIMIT_CPU, (1, 1)),
    lambda: os.sched_setaffinity(1, [0]),
    lambda: os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0)),
    lambda: os.setpriority(os.PRIO_PROCESS, 1, 19),
    lambda: os.setpriority(os.PRIO_USER, os.getuid(), 19),
    lambda: os.setpriority(os.PRIO_PGRP, 1, 19),
    lambda: open("/proc/1/oom_score_adj", "w").write("1000"),
    lambda: os.setpgid(1, 0),
):
    try:
        attempt()
    except OSError:
        continue
    done.append(attempt)
len(done)
"""


async def test_a_slot_serves_one_run_after_another(one: LocalSandbox) -> None:
    before = set(newest().slots)
    for _ in range(10):
        assert (await one.run_code("pass")).success
    after = newest().slots
    assert set(after) & before
    assert len(after) <= 3


async def test_process_ids_begin_anew(one: LocalSandbox) -> None:
    code = (
        "import os, threading\n"
        "ids = []\n"
        "for _ in range(30):\n"
        "    thread = threading.Thread(target=lambda: ids.append(threading.get_native_id()))\n"
        "    thread.start()\n"
        "    thread.join()\n"
        "os.getpid(), ids[0]"
    )
    assert [(await one.run_code(code)).text for _ in range(4)] == ["(2, 3)"] * 4


async def test_a_guest_sees_no_process_but_its_own(one: LocalSandbox) -> None:
    code = "import os\n[name for name in os.listdir('/proc') if name.isdigit()], os.path.exists('/proc/1')"
    assert (await one.run_code(code)).text == "(['2'], False)"


async def test_a_guest_can_look_at_itself_and_its_children(one: LocalSandbox) -> None:
    code = "import os, subprocess\nsubprocess.run(['cat', '/proc/self/stat', f'/proc/{os.getpid()}/status'])"
    execution = await one.run_code(code, limits=SEVERAL)
    assert execution.success
    assert "VmHWM" in execution.stdout


async def test_nothing_that_a_run_does_to_the_init_reaches_the_next(one: LocalSandbox) -> None:
    slots = newest().slots
    for _ in range(3):
        execution = await one.run_code(AGAINST_THE_INIT)
        assert (execution.stop, execution.text) == (Stop.EXITED, "0"), execution
    assert set(slots) <= set(newest().slots)
    after = await one.run_code(
        "import os, resource\nos.getpriority(0, 0), resource.getrlimit(resource.RLIMIT_NOFILE)[0]"
    )
    assert after.text == f"(0, {TEST_LIMITS.open_files})"


@pytest.mark.parametrize("processes", [1, 16])
async def test_signals_are_handled_as_in_a_fresh_interpreter(one: LocalSandbox, processes: int) -> None:
    code = (
        "import signal\n"
        "kinds = [signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP)]\n"
        "kinds, signal.getsignal(signal.SIGINT) is signal.default_int_handler, signal.set_wakeup_fd(-1)"
    )
    text = (await one.run_code(code, limits=replace(TEST_LIMITS, processes=processes))).text
    default = repr(signal.SIG_DFL)
    assert text == f"([{default}, {default}, {default}], True, -1)"


async def test_a_guest_has_no_descriptor_of_the_slot(one: LocalSandbox) -> None:
    code = "import os\nsorted(os.readlink(f'/proc/self/fd/{n}').split(':')[0] for n in range(3, 64) if os.path.islink(f'/proc/self/fd/{n}'))"  # noqa: E501
    for limits in (TEST_LIMITS, SEVERAL):
        assert (await one.run_code(code, limits=limits)).text == "['pipe']"  # that of the report


async def test_no_daemon_is_left_for_the_next_run(one: LocalSandbox) -> None:
    alone = "import os\ntry:\n    os.kill(-1, 0)\nexcept ProcessLookupError:\n    print('alone')"
    for _ in range(3):
        assert (await one.run_code(DAEMON, limits=SEVERAL)).success
        assert eventually(lambda: not newest().runs)
        assert "alone" in (await one.run_code(alone, limits=SEVERAL)).stdout


async def test_ipc_objects_cannot_be_left_behind(one: LocalSandbox) -> None:
    numbers = (29, 64, 68, 240) if os.uname().machine == "x86_64" else (194, 190, 186, 180)
    code = (
        "import ctypes\n"
        "call = ctypes.CDLL(None, use_errno=True).syscall\n"
        f"[(call(n, b'/left', 0o1100 | 0o600, 0o666, 0), ctypes.get_errno()) for n in {numbers}]"
    )
    assert (await one.run_code(code)).text == repr([(-1, 1)] * 4)


async def test_usage_is_of_one_run(one: LocalSandbox) -> None:
    greedy = "import time\nx = bytearray(b'1') * (100 << 20)\nwhile time.process_time() < 0.4: pass"
    for limits in (TEST_LIMITS, SEVERAL):
        for _ in range(2):
            assert (await one.run_code(greedy, limits=limits)).usage.peak_memory_bytes > 100 << 20
        for _ in range(2):
            usage = (await one.run_code("pass", limits=limits)).usage
            assert usage.peak_memory_bytes < 64 << 20
            assert usage.cpu_s < 0.3


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_lost_slot_is_replaced(one: LocalSandbox, number: int) -> None:
    quick = replace(TEST_LIMITS, wall_s=1.0)
    run = asyncio.create_task(one.run_code("import time; time.sleep(20)", limits=quick))
    while not (runs := newest().runs):  # noqa: ASYNC110  # of another process, which has no events for this one
        await asyncio.sleep(0.02)
    slot = parents()[runs[0]]
    os.kill(slot, number)
    assert (await run).stop is (Stop.SIGNALLED if number == signal.SIGKILL else Stop.WALL_TIME)
    assert (await one.run_code("6 * 7")).text == "42"
    assert eventually(lambda: not alive([slot]))


async def test_a_burst_leaves_few_slots(only_namespaces: LocalSandbox) -> None:
    async with LocalSandbox(isolation=only_namespaces.isolation, max_concurrent=12) as own:
        await asyncio.gather(*(own.run_code("import time; time.sleep(0.3)") for _ in range(12)))
        assert own.isolation is Isolation.NAMESPACES
        assert eventually(lambda: len(newest().slots) <= 8)
        assert (await own.run_code("6 * 7")).text == "42"


async def test_orphans_are_reaped_while_the_program_runs(only_namespaces: LocalSandbox) -> None:
    code = (
        "import os, time\n"
        "begun, begin = os.pipe()\n"
        "if os.fork() == 0:\n"
        "    for _ in range(400):\n"
        "        if os.fork() == 0:\n"
        "            os.close(begin)\n"
        "            os.read(begun, 1)\n"  # the end of the pipe, for all of them together
        "            os._exit(0)\n"
        "    os._exit(0)\n"
        "os.wait()\n"
        "os.close(begin)\n"
        "end = time.monotonic() + 10\n"
        "while time.monotonic() < end and len([p for p in os.listdir('/proc') if p.isdigit()]) > 1:\n"
        "    time.sleep(0.05)\n"
        "[p for p in os.listdir('/proc') if p.isdigit()]"
    )
    limits = replace(TEST_LIMITS, processes=450, memory_bytes=1 << 30)
    execution = await only_namespaces.run_code(code, limits=limits)
    assert execution.text == "['2']", execution
