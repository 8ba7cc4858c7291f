"""Hostile programs in sessions and boxes, which live on after each cell and have more to attack than a run."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.sandbox.abuse.arena import Bait, escapes, program
from tests.sandbox.abuse.attacks import Attack
from tests.sandbox.abuse.reaching_out import REACHING_OUT
from tests.sandbox.processes import descendants, eventually, families

from tta_dev_primitives.core.errors import BoxFileRefused, SandboxError, SessionEnded
from tta_dev_primitives.sandbox import BOX_LIMITS, Box, LocalSandbox, Session, Stop

SHORT = replace(BOX_LIMITS, wall_s=1.0, output_bytes=200_000)
CHANNEL = """
import json, os, socket, stat
channel = next(fd for fd in range(3, 64) if os.path.exists(f"/proc/self/fd/{fd}") and stat.S_ISSOCK(os.fstat(fd).st_mode))
"""


@pytest.fixture
async def box(only_namespaces: LocalSandbox) -> AsyncIterator[Box]:
    async with await only_namespaces.open_box(limits=SHORT) as box:
        yield box


@pytest.fixture
async def session(box: Box) -> Session:
    return await box.start_kernel()


async def _still_works(box: Box) -> None:
    async with await box.start_kernel() as another:
        assert (await another.run_code("6 * 7")).text == "42"


@pytest.mark.parametrize("attack", REACHING_OUT, ids=lambda attack: attack.name)
async def test_a_session_reaches_no_more_than_a_run(
    attack: Attack, only_namespaces: LocalSandbox, bait: Bait
) -> None:
    async with await only_namespaces.open_session(limits=SHORT) as session:
        execution = await session.run_code(program(attack, bait))
    assert escapes(replace(attack, exit_code=None), execution) == []
    assert bait.taken() == []
    assert eventually(lambda: not any(family.runs for family in families()))


async def test_signals_to_the_init_do_nothing_or_end_its_own_box(box: Box, session: Session) -> None:
    await session.run_code(
        "import os, signal\nfor n in range(1, 65):\n    try: os.kill(1, n)\n    except OSError: pass"
    )
    await _still_works(box)


async def test_killing_everything_ends_this_box_only(box: Box, session: Session) -> None:
    await box.files.list()
    execution = await session.run_code("import os; os.kill(-1, 9); os.kill(os.getpid(), 9)")
    assert execution.stop is Stop.SIGNALLED
    await _still_works(box)
    assert await box.files.list() == ()


@pytest.mark.parametrize(
    "said",
    [
        b"no json\n",
        b"[" * 100_000 + b"\n",
        b'{"op": "opened"}\n',
        b'{"op": "done", "number": "1", "error": null}\n',
        b'{"op": "shown", "number": 1, "text": 1, "formats": {}, "is_main_result": true}\n',
        b"\xff\xfe\n",
        b"\n",
    ],
    ids=["text", "deep", "foreign", "wrong type", "wrong field", "no utf-8", "empty"],
)
async def test_nonsense_on_the_channel_ends_the_session_that_said_it(
    box: Box, session: Session, said: bytes
) -> None:
    execution = await session.run_code(f"{CHANNEL}\nos.write(channel, {said!r})\nimport time; time.sleep(30)")
    assert (execution.stop, execution.signal) == (Stop.SIGNALLED, 9)
    assert not session.alive
    await _still_works(box)


async def test_a_line_that_never_ends_is_not_kept(box: Box, session: Session) -> None:
    execution = await session.run_code(f"{CHANNEL}\nwhile True: os.write(channel, b'x' * 65536)")
    assert not execution.success
    assert not session.alive
    await _still_works(box)


async def test_a_flood_of_values_is_stopped(box: Box, session: Session) -> None:
    execution = await session.run_code("while True: display('x' * 1000)")
    assert execution.stop is Stop.OUTPUT
    assert len(execution.results) <= 1000
    await _still_works(box)


async def test_a_huge_value_is_cut(session: Session) -> None:
    execution = await session.run_code("['x' * 50_000_000]", limits=replace(SHORT, wall_s=20))
    assert execution.success
    assert len(execution.text or "") <= 20_000
    assert all(len(text) <= 8 << 20 for text in execution.results[0].formats.values())


async def test_a_forged_end_of_the_cell_is_a_claim_and_nothing_hangs(session: Session) -> None:
    forged = b'{"op": "done", "number": 1, "error": null}\n'
    execution = await session.run_code(f"{CHANNEL}\nos.write(channel, {forged!r})\nx = 1 / 0")
    assert execution.error is None
    for _ in range(3):
        assert (await session.run_code("6 * 7")).text == "42"


async def test_a_closed_channel_ends_the_session(box: Box, session: Session) -> None:
    execution = await session.run_code(f"{CHANNEL}\nos.close(channel)\nimport time; time.sleep(30)")
    assert execution.signal == 9
    await _still_works(box)


async def test_closed_output_is_no_harm(session: Session) -> None:
    await session.run_code("import os; os.close(1); os.close(2)")
    assert (await session.run_code("6 * 7")).text in ("42", None)


async def test_a_forged_fork_names_no_foreign_process(box: Box) -> None:
    """The kernel claims that its fork is the init, the file agent, or a process that does not exist."""
    await box.files.list()
    for pid in (1, 2, 99_999):
        liar = await box.start_kernel()
        said = f'{{"op": "forked", "number": 1, "pid": {pid}}}\n'.encode()
        # The claim is there before the host asks.
        await liar.run_code(
            f"{CHANNEL}\nimport threading, time\n"
            f"threading.Thread(target=lambda: (time.sleep(0.2), os.write(channel, {said!r})), daemon=True).start()\n"
            "import random\nrandom.getstate = lambda: time.sleep(2)"
        )
        with pytest.raises(SandboxError):
            async with asyncio.timeout(60):
                await liar.fork()
        await liar.aclose()
    await _still_works(box)


async def test_descriptors_of_the_host_do_not_leak_in(session: Session) -> None:
    execution = await session.run_code(
        "import os\nsorted(int(fd) for fd in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fd/{fd}'))"
    )
    assert execution.text == "[0, 1, 2, 3]"


async def test_programs_of_a_box_have_standard_descriptors_only(box: Box) -> None:
    async with await box.start(["sh", "-c", "ls /proc/self/fd | tr '\\n' ' '"]) as process:
        printed = [printed.data async for printed in process.output()]
    # The fourth is that of ls, for the directory.
    assert b"".join(printed) == b"0 1 2 3 "


async def test_the_file_agent_is_out_of_reach(box: Box, session: Session) -> None:
    await box.files.write("a", b"1")
    execution = await session.run_code(
        "import os\nfound = []\n"
        "for pid in filter(str.isdigit, os.listdir('/proc')):\n"
        "    if int(pid) == os.getpid(): continue\n"
        "    for what in ('mem', 'environ', 'fd/3', 'root/etc/passwd', 'maps'):\n"
        "        try: open(f'/proc/{pid}/{what}', 'rb').read(1); found.append((pid, what))\n"
        "        except OSError: pass\n"
        "found"
    )
    assert execution.text == "[]", execution
    assert await box.files.read("a") == b"1"


async def test_a_killed_file_agent_is_replaced(box: Box, session: Session) -> None:
    await box.files.write("a", b"1")
    await session.run_code(
        "import os\nfor pid in map(int, filter(str.isdigit, os.listdir('/proc'))):\n"
        "    if pid not in (1, os.getpid()): os.kill(pid, 9)"
    )
    await asyncio.sleep(0.2)
    assert await box.files.read("a") == b"1"


async def test_links_lead_nowhere_outside(box: Box, session: Session, bait: Bait) -> None:
    await session.run_code(
        f"import os\nos.symlink({str(bait.path)!r}, 'secret'); os.symlink('/', 'root'); os.symlink('loop', 'loop')"
    )
    for path in ("secret", f"root{bait.path}", "loop", f"/proc/1/root{bait.path}", f"../../..{bait.path}"):
        with pytest.raises(SandboxError):
            await box.files.read(path)
    with pytest.raises(SandboxError):
        await box.files.write("secret", b"changed")
    assert bait.taken() == []


@pytest.mark.parametrize(
    "what", ["os.symlink('/proc/self/fd/0', 'odd')", "os.mkdir('odd')", "os.symlink('/dev/zero', 'odd')"]
)
async def test_what_is_no_file_is_not_read_or_written(box: Box, session: Session, what: str) -> None:
    await session.run_code(f"import os; {what}")
    async with asyncio.timeout(20):
        with pytest.raises(BoxFileRefused):
            await box.files.read("odd")
        with pytest.raises(BoxFileRefused):
            await box.files.write("odd", b"x")


async def test_a_file_larger_than_the_disk_is_not_made(session: Session) -> None:
    execution = await session.run_code("open('huge', 'wb').truncate(1 << 40)")
    assert not execution.success


async def test_deep_and_wide_directories_do_not_hold_up_the_host(box: Box, session: Session) -> None:
    await session.run_code(
        "import os\nfor _ in range(3000):\n    os.mkdir('d'); os.chdir('d')", limits=replace(SHORT, wall_s=20)
    )
    async with asyncio.timeout(60):
        with contextlib.suppress(BoxFileRefused):
            await box.files.list(depth=1_000_000)
        await box.files.list()


async def test_fork_bomb_ends_with_its_box(only_namespaces: LocalSandbox) -> None:
    async with await only_namespaces.open_session(limits=SHORT) as session:
        execution = await session.run_code(
            "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"
        )
        assert not execution.success
    assert eventually(lambda: not any(family.runs for family in families()))


async def test_processes_of_all_programs_of_a_box_are_counted_together(only_namespaces: LocalSandbox) -> None:
    async with await only_namespaces.open_box(limits=replace(SHORT, processes=8)) as box:
        first, second = await box.start_kernel(), await box.start_kernel()
        many = (
            "import subprocess\nstarted = []\ntry:\n    while len(started) < 20:"
            "\n        started.append(subprocess.Popen(['sleep', '60']))\nexcept OSError: pass\nlen(started)"
        )
        counts = [int((await one.run_code(many)).text or "0") for one in (first, second)]
        assert sum(counts) <= 8


async def test_a_session_that_is_over_hears_no_one(box: Box, session: Session) -> None:
    await session.run_code("import os; os._exit(0)")
    for use in (session.run_code("1"), session.fork(), session.checkpoint()):
        with pytest.raises(SessionEnded):
            await use
    await session.interrupt()
    await session.aclose()
    await _still_works(box)


async def test_many_sessions_leave_no_descriptor_behind(only_namespaces: LocalSandbox) -> None:
    async def once() -> None:
        async with await only_namespaces.open_session() as session:
            (branch,) = await session.branch(1)
            await branch.run_code("1")

    await once()
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208  # names are what is needed
    for _ in range(5):
        await once()
    await asyncio.sleep(0.2)
    assert len(os.listdir("/proc/self/fd")) <= before  # noqa: PTH208  # as above


async def test_a_box_whose_init_does_not_answer_is_ended_from_above(only_namespaces: LocalSandbox) -> None:
    """As one that is kept busy by its guests would be."""
    box = await only_namespaces.open_box(limits=SHORT)
    session = await box.start_kernel()
    await session.run_code("import subprocess\nsubprocess.Popen(['sleep', '60'])")
    for init in (pid for pid in descendants(os.getpid()) if _name(pid) == "playbox-box"):
        os.kill(init, signal.SIGSTOP)
    async with asyncio.timeout(30):
        await box.aclose()
    assert eventually(lambda: not any(family.runs for family in families()))


def _name(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()


async def test_a_storm_of_orphans_does_not_keep_init_from_the_host(box: Box, session: Session) -> None:
    storm = (
        "import os\n"
        "for _ in range(8):\n"
        "    if os.fork() == 0:\n"
        "        while True:\n"
        "            if os.fork() == 0: os.fork() or os._exit(0); os._exit(0)\n"
        "            try: os.waitpid(-1, os.WNOHANG)\n"
        "            except OSError: pass\n"
    )
    async with asyncio.timeout(60):
        await session.run_code(f"import os\nif os.fork() == 0:\n    exec({storm!r})\n    os._exit(0)")
        for _ in range(5):
            await _still_works(box)
