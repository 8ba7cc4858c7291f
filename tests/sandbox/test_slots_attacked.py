"""What one run could leave for the next, or do to another, through what all runs of a sandbox share."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
from dataclasses import replace

import pytest
from tests.sandbox.conftest import TEST_LIMITS
from tests.sandbox.processes import descendants, newest, parents

from tta_dev_primitives.sandbox import LocalSandbox, Stop
from tta_dev_primitives.sandbox.local.inside import syscalls
from tta_dev_primitives.sandbox.local.inside.exit_notice import MARK

NATIVE = syscalls.native()
EXIT_GROUP = NATIVE.numbers["exit_group"] if NATIVE else 0
MARKED = f"import ctypes\nctypes.CDLL(None).syscall({EXIT_GROUP}, {{}}, {MARK})\n"
SLEEP = "import time; time.sleep(20)"

LOCK_STANDARD_INPUT = """
import fcntl, struct
fcntl.flock(0, fcntl.LOCK_EX)
for byte in b"from the run before":
    fcntl.fcntl(0, 37, struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, 1000 * byte, 1, 0))
"""
READ_LOCKS = """
import fcntl, os, struct
null = os.open("/dev/null", os.O_RDWR)
found, at = [], 0
while True:
    asked = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, at, 0, 0)
    kind, _, start, length, _ = struct.unpack("hhqqi4x", fcntl.fcntl(null, 36, asked))
    if kind == fcntl.F_UNLCK:
        break
    found.append(start)
    at = start + length
found
"""
COMES_BACK = f"""
import ctypes, os, signal, time
signal.signal(14, lambda *_: None)
call = ctypes.CDLL(None).syscall
signal.setitimer(0, {{}})
call({EXIT_GROUP}, 0, {MARK})
end = time.monotonic() + 0.002
while time.monotonic() < end:
    pass
os.write(1, b"came back")
os._exit(7)
"""
EXECUTES_WHILE_IT_LEAVES = f"""
import ctypes, os, threading
def execute():
    os.execv("/bin/sh", ["sh", "-c", "echo executed; exit 9"])
threading.Thread(target=execute, daemon=True).start()
ctypes.CDLL(None).syscall({EXIT_GROUP}, 5, {MARK})
"""
EXECUTE_IN_VAIN = """
import ctypes, threading
threading.stack_size(1 << 17)
execute, go = ctypes.CDLL(None).execve, threading.Event()
def flood():
    go.wait()
    while True:
        execute(b"/missing", None, None)
for _ in range(60):
    threading.Thread(target=flood, daemon=True).start()
go.set()
"""
START_THREADS = """
import os, signal, threading, time
threading.stack_size(1 << 17)
started = 0
try:
    while True:
        threading.Thread(target=time.sleep, args=(20,), daemon=True).start()
        started += 1
except RuntimeError:
    print(started, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
CALL_ITSELF = "import ctypes\nctypes.CDLL(None).prctl(15, b'left' + b'-a-letter')"
READ_OWN_MEMORY = """
import ctypes
sought, found = b"left" + b"-a-" + b"letter", 0
for line in open("/proc/self/maps"):
    place, rights, *_ = line.split()
    if rights.startswith("rw") and "[v" not in line:
        start, end = (int(text, 16) for text in place.split("-"))
        found += ctypes.string_at(start, end - start).count(b"(" + sought)
        found += ctypes.string_at(start, end - start).count(b"Name:\\t" + sought)
found
"""


class Said(str):
    """Text of a kind of its own, which shows itself otherwise."""

    __slots__ = ()

    def __str__(self) -> str:
        return "***"


async def slot_of_a_run(beside: tuple[int, ...] = ()) -> int:
    """The slot of the run that has just begun, when it has."""
    while not (runs := set(newest().runs) - set(beside)):  # noqa: ASYNC110  # of another process
        await asyncio.sleep(0.02)
    return parents()[runs.pop()]


async def test_a_slot_that_dies_with_an_order_unread_takes_no_other_run_along(
    only_namespaces: LocalSandbox,
) -> None:
    async with LocalSandbox(isolation=only_namespaces.isolation, limits=TEST_LIMITS, max_concurrent=2) as own:
        await own.run_code("pass")
        innocent = asyncio.create_task(own.run_code("import time; time.sleep(1.5); print('fine')"))
        await slot_of_a_run()
        cancelled = asyncio.create_task(own.run_code(SLEEP))
        # It does not read that it shall end its run, and is killed half a second later.
        os.kill(await slot_of_a_run(beside=newest().runs), signal.SIGSTOP)
        cancelled.cancel()
        execution = await innocent
    assert (execution.stop, execution.stdout) == (Stop.EXITED, "fine\n")


async def test_usage_of_a_run_whose_slot_was_killed_is_not_that_of_earlier_runs(one: LocalSandbox) -> None:
    greedy = "import time\nx = bytearray(b'1') * (100 << 20)\nwhile time.process_time() < 0.3: pass"
    for _ in range(4):
        await one.run_code(greedy)
    run = asyncio.create_task(one.run_code(SLEEP))
    os.kill(await slot_of_a_run(), signal.SIGKILL)
    execution = await run
    assert (execution.stop, execution.signal) == (Stop.SIGNALLED, signal.SIGKILL)
    assert execution.usage.cpu_s < 0.2
    assert execution.usage.peak_memory_bytes < 64 << 20


async def test_no_lock_on_standard_input_is_left_for_the_next_run(sandbox: LocalSandbox) -> None:
    assert (await sandbox.run_code(LOCK_STANDARD_INPUT)).success
    await asyncio.sleep(0.1)  # until it is reaped, which the result does not wait for
    assert (await sandbox.run_code(READ_LOCKS)).text == "[]"


async def test_no_flag_of_standard_input_is_left_for_the_next_run(sandbox: LocalSandbox) -> None:
    flags = "import fcntl\nfcntl.fcntl(0, fcntl.F_GETFL) & 0o6000"
    change = "import fcntl, os\nfcntl.fcntl(0, fcntl.F_SETFL, os.O_APPEND | os.O_NONBLOCK)"
    assert (await sandbox.run_code(change)).success
    assert (await sandbox.run_code(flags)).text == "0"


@pytest.mark.parametrize("name", ["null", "zero", "full", "random", "urandom"])
async def test_times_of_the_machine_s_devices_stay(sandbox: LocalSandbox, name: str) -> None:
    before = os.stat(f"/dev/{name}")  # noqa: PTH116  # a Path would block no less
    await sandbox.run_code(f"import os\nos.utime('/dev/{name}')")
    after = os.stat(f"/dev/{name}")  # noqa: PTH116
    assert (after.st_mtime_ns, after.st_atime_ns) == (before.st_mtime_ns, before.st_atime_ns)


async def test_devices_can_be_written(sandbox: LocalSandbox) -> None:
    code = (
        "import os\n"
        "ends = [os.write(os.open('/dev/null', os.O_RDWR), b'x'), open('/dev/null', 'w').write('x')]\n"
        "try:\n    os.write(os.open('/dev/full', os.O_WRONLY), b'x')\n"
        "except OSError as error:\n    ends.append(error.errno)\n"
        "ends"
    )
    assert (await sandbox.run_code(code)).text == f"[1, 1, {errno.ENOSPC}]"


async def test_a_guest_does_not_find_the_one_before_in_its_memory(one: LocalSandbox) -> None:
    for _ in range(4):
        assert (await one.run_code(CALL_ITSELF)).success
    assert [(await one.run_code(READ_OWN_MEMORY)).text for _ in range(2)] == ["0", "0"]


async def test_an_exit_that_did_not_happen_is_not_believed(one: LocalSandbox) -> None:
    ends = [await one.run_code(COMES_BACK.format(1e-5 + 5e-6 * attempt)) for attempt in range(60)]
    came_back = {(one.stop, one.exit_code, one.signal) for one in ends if "came back" in one.stdout}
    assert came_back <= {(Stop.EXITED, 7, None), (Stop.SIGNALLED, None, signal.SIGKILL)}


async def test_each_run_has_its_own_end_however_many_are_cancelled(only_namespaces: LocalSandbox) -> None:
    several = replace(TEST_LIMITS, processes=16)
    daemons = "import os, time\nfor _ in range(4):\n    if os.fork() == 0:\n        time.sleep(60)\n"

    async def run(number: int) -> None:
        code = (MARKED.format(number % 200), f"import os; os._exit({number % 200})", daemons)[number % 3]
        alone = number % 3 < 2
        patience = None if number % 4 else 0.002 * (number % 16)
        try:
            async with asyncio.timeout(patience):
                execution = await own.run_code(
                    f"print({number}, flush=True)\n{code}", limits=TEST_LIMITS if alone else several
                )
        except TimeoutError:
            return
        assert (execution.stop, execution.stdout) == (Stop.EXITED, f"{number}\n")
        assert execution.exit_code == (number % 200 if alone else 0)

    async with LocalSandbox(isolation=only_namespaces.isolation, limits=TEST_LIMITS, max_concurrent=6) as own:
        await own.run_code("pass")
        launcher = newest().launcher
        for first in range(0, 240, 12):
            await asyncio.gather(*(run(first + number) for number in range(12)))
        assert newest().launcher == launcher
    assert launcher not in descendants(os.getpid())


async def test_reading_a_program_costs_in_proportion_to_its_length(sandbox: LocalSandbox) -> None:
    async def cpu_s(mebibytes: int) -> float:
        code = "#" + "\N{GRINNING FACE}" * (mebibytes << 18) + "\npass"
        return min([(await sandbox.run_code(code)).usage.cpu_s for _ in range(2)])

    assert await cpu_s(15) < 20 * await cpu_s(2)


async def test_kinds_of_text_arrive_as_the_text_that_they_are(sandbox: LocalSandbox) -> None:
    code = Said("import os; print(os.environ['NAME'], open('file').read())")
    said = await sandbox.run_code(code, envs={Said("NAME"): Said("value")}, files={Said("file"): b"content"})
    assert said.stdout == "value content\n"


async def test_an_execution_beside_a_marked_exit_is_one_of_the_two(one: LocalSandbox) -> None:
    ends = [await one.run_code(EXECUTES_WHILE_IT_LEAVES) for _ in range(30)]
    assert {(end.exit_code, end.stdout) for end in ends} <= {(5, ""), (9, "executed\n")}


@pytest.mark.parametrize(
    ("then", "stop", "exit_code"),
    [(MARKED.format(4), Stop.EXITED, 4), ("import time; time.sleep(20)", Stop.WALL_TIME, None)],
)
async def test_a_flood_of_executions_delays_no_end(
    one: LocalSandbox, then: str, stop: Stop, exit_code: int | None
) -> None:
    limits = replace(TEST_LIMITS, memory_bytes=2 << 30)
    if stop is Stop.WALL_TIME:
        limits = replace(limits, wall_s=0.5)
    flood = await one.run_code(EXECUTE_IN_VAIN + then, limits=limits)
    assert (flood.stop, flood.exit_code) == (stop, exit_code)
    assert (await one.run_code("print('next')")).stdout == "next\n"


async def test_a_run_that_died_at_its_limit_of_threads_leaves_all_of_them_to_the_next(
    one: LocalSandbox,
) -> None:
    limits = replace(TEST_LIMITS, memory_bytes=2 << 30)
    ends = [await one.run_code(START_THREADS, limits=limits) for _ in range(6)]
    assert {(end.signal, end.stdout) for end in ends} == {(signal.SIGKILL, "63\n")}


@pytest.mark.parametrize("processes", [1, 4])
async def test_no_guest_can_change_the_user_namespace_of_the_next(
    only_namespaces: LocalSandbox, processes: int
) -> None:
    code = """
import os
seen = set()
for name in ("uid_map", "gid_map", "projid_map", "setgroups", "clear_refs", "oom_score_adj", "autogroup"):
    try:
        seen.add(os.open(f"/proc/self/{name}", os.O_WRONLY))
    except OSError as error:
        seen.add(error.errno)
seen | {number for number in (3, 5, 6, 7) if os.path.exists(f"/proc/self/fd/{number}")}
"""
    limits = replace(TEST_LIMITS, processes=processes)
    assert (await only_namespaces.run_code(code, limits=limits)).text == f"{{{errno.EROFS}}}"
