"""Boxes: programs and files in a place that lives until it is closed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest
from tests.sandbox.processes import eventually, families

from tta_dev_primitives.core.errors import (
    BoxFileMissing,
    BoxFileRefused,
    ConfigurationError,
    SandboxCrashed,
    SessionEnded,
)
from tta_dev_primitives.sandbox import BOX_LIMITS, Box, BoxProcess, LocalSandbox
from tta_dev_primitives.sandbox.local import EntryKind


@pytest.fixture
async def box(only_namespaces: LocalSandbox) -> AsyncIterator[Box]:
    async with await only_namespaces.open_box() as box:
        yield box


async def _all_of(process: BoxProcess) -> tuple[str, str]:
    texts = {"stdout": b"", "stderr": b""}
    async for printed in process.output():
        texts[printed.stream] += printed.data
    return texts["stdout"].decode(), texts["stderr"].decode()


async def _run(box: Box, script: str) -> str:
    async with await box.start(["sh", "-c", script]) as process:
        stdout, stderr = await _all_of(process)
        assert not stderr, stderr
        await process.wait()
    return stdout


async def test_program_with_input_output_and_exit_code(box: Box) -> None:
    async with await box.start(["sh", "-c", "read line; echo got $line; echo bad >&2; exit 4"]) as process:
        await process.write(b"it\n")
        assert await _all_of(process) == ("got it\n", "bad\n")
        end = await process.wait()
    assert (end.exit_code, end.signal) == (4, None)


async def test_standard_streams_can_be_opened_by_name(box: Box) -> None:
    script = "cat < /dev/stdin > /dev/stdout; echo bad > /dev/stderr"
    async with await box.start(["sh", "-c", script]) as process:
        await process.write(b"it")
        await process.close_stdin()
        assert await _all_of(process) == ("it", "bad\n")


async def test_arguments_arrive_as_they_are(box: Box) -> None:
    arguments = ["a b", "$HOME", "*", "ä\n'\""]
    async with await box.start(["printf", "%s|", *arguments]) as process:
        assert (await _all_of(process))[0] == "|".join(arguments) + "|"


async def test_environment_and_directory(box: Box) -> None:
    await box.files.make_directory("sub")
    async with await box.start(["sh", "-c", "echo $A; pwd"], envs={"A": "1"}, cwd="sub") as process:
        assert (await _all_of(process))[0] == "1\n/home/user/sub\n"


async def test_host_environment_is_not_there(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYBOX_TEST_SECRET", "secret")
    assert await _run(box, "env | cut -d= -f1 | sort | tr '\\n' ' '") == "HOME LANG PATH PWD "


async def test_missing_program_is_as_in_a_shell(box: Box) -> None:
    async with await box.start(["no-such-program"]) as process:
        assert (await _all_of(process))[1] == "no-such-program: No such file or directory\n"
        assert (await process.wait()).exit_code == 127


async def test_a_start_that_is_cancelled_leaves_no_descriptor(box: Box) -> None:
    await _run(box, "true")
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208  # names are what is needed
    for turns in range(12):
        starting = asyncio.create_task(box.start(["sleep", "60"]))
        for _ in range(turns):
            await asyncio.sleep(0)
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await (await starting).aclose()
    assert await _soon(lambda: len(os.listdir("/proc/self/fd")) <= before)  # noqa: PTH208  # as above


async def _soon(condition: Callable[[], bool]) -> bool:
    for _ in range(500):
        if condition():
            return True
        await asyncio.sleep(0.01)
    return False


async def test_signal_and_end(box: Box) -> None:
    async with await box.start(["sleep", "60"]) as process:
        await process.signal(signal.SIGTERM)
        end = await process.wait()
    assert (end.exit_code, end.signal) == (None, signal.SIGTERM)


async def test_background_daemon_does_not_hold_up_the_output(box: Box) -> None:
    async with await box.start(["sh", "-c", "sleep 60 & echo done"]) as process:
        started = time.monotonic()
        assert (await _all_of(process))[0] == "done\n"
        assert time.monotonic() - started < 30


async def test_big_output_arrives_whole(box: Box) -> None:
    async with await box.start(["head", "-c", "3000000", "/dev/zero"]) as process:
        assert len((await _all_of(process))[0]) == 3_000_000


async def test_programs_sessions_and_files_share_a_disk(box: Box) -> None:
    await box.files.write("a.txt", b"from the host")
    session = await box.start_kernel()
    execution = await session.run_code("text = open('a.txt').read(); open('b.txt', 'w').write(text[::-1])")
    assert execution.success
    assert await _run(box, "cat b.txt") == "tsoh eht morf"


async def test_sessions_of_a_box_are_apart(box: Box) -> None:
    first, second = await box.start_kernel(), await box.start_kernel(cwd="/usr")
    await first.run_code("x = 1")
    assert (await second.run_code("'x' in globals()")).text == "False"
    assert (await second.run_code("import os; os.getcwd()")).text == "'/usr'"
    await first.aclose()
    assert (await second.run_code("1")).text == "1"


async def test_boxes_do_not_see_each_other(box: Box, only_namespaces: LocalSandbox) -> None:
    await box.files.write("mine", b"")
    async with await box.start(["sleep", "60"]), await only_namespaces.open_box() as other:
        assert await other.files.list() == ()
        assert "sleep" not in await _run(other, "cat /proc/[0-9]*/comm")


async def test_files(box: Box) -> None:
    entry = await box.files.write("deep/er/file", b"\0\xff")
    assert (entry.path, entry.kind, entry.size) == ("/home/user/deep/er/file", EntryKind.FILE, 2)
    assert (entry.owner, entry.mode) == ("user", 0o644)
    assert await box.files.read("/home/user/deep/er/file") == b"\0\xff"
    assert [one.name for one in await box.files.list()] == ["deep"]
    assert [one.name for one in await box.files.list("deep", depth=2)] == ["er", "file"]
    assert await box.files.exists("deep")
    assert not await box.files.exists("shallow")
    assert await box.files.make_directory("new/dir")
    assert not await box.files.make_directory("new/dir")
    assert (await box.files.move("deep/er/file", "new/file")).path == "/home/user/new/file"
    await box.files.remove("deep")
    assert [one.name for one in await box.files.list()] == ["new"]


async def test_a_link_is_not_followed_when_looked_at(box: Box) -> None:
    await _run(box, "ln -s /etc/passwd link")
    entry = await box.files.stat("link")
    assert (entry.kind, entry.link_target) == (EntryKind.SYMLINK, "/etc/passwd")
    await box.files.remove("link")
    assert await _run(box, "cat /etc/passwd") != ""


async def test_file_errors_name_the_path(box: Box) -> None:
    with pytest.raises(BoxFileMissing, match="/home/user/nothing"):
        await box.files.read("nothing")
    with pytest.raises(BoxFileRefused, match=r"Read-only|Permission denied"):
        await box.files.write("/usr/x", b"")
    with pytest.raises(BoxFileRefused, match="directory"):
        await box.files.read("/home")
    with pytest.raises(FileNotFoundError):
        await box.files.remove("nothing")
    with pytest.raises(ConfigurationError, match="NUL"):
        await box.files.read("a\0b")
    await box.files.write("taken", b"")
    with pytest.raises(BoxFileRefused, match="exists"):
        await box.files.make_directory("taken")


async def test_full_disk_is_said_and_not_fatal(only_namespaces: LocalSandbox) -> None:
    limits = replace(BOX_LIMITS, disk_bytes=1 << 20)
    async with await only_namespaces.open_box(limits=limits) as box:
        with pytest.raises(BoxFileRefused, match=r"No space left|too large"):
            await box.files.write("big", bytes(2 << 20))
        await box.files.remove("big")
        await box.files.write("small", b"ok")
        assert await box.files.read("small") == b"ok"


async def test_pause_and_resume(box: Box) -> None:
    session = await box.start_kernel()
    await session.run_code("x = 'back'")
    await box.pause()
    running = asyncio.create_task(session.run_code("x"))
    await asyncio.sleep(0.3)
    assert not running.done()
    await box.resume()
    assert (await running).text == "'back'"


async def test_closed_box_starts_nothing(only_namespaces: LocalSandbox) -> None:
    box = await only_namespaces.open_box()
    await box.start(["sleep", "60"])
    await box.aclose()
    await box.aclose()
    assert not box.alive
    for use in (box.start(["true"]), box.start_kernel(), box.files.list(), box.pause()):
        with pytest.raises(SessionEnded):
            await use
    assert eventually(lambda: not any(family.runs for family in families()))


async def test_killed_zygote_ends_the_box_and_says_so() -> None:
    async with LocalSandbox() as sandbox:
        box = await sandbox.open_box()
        session = await box.start_kernel()
        (family,) = [one for one in families() if one.runs]
        running = asyncio.create_task(session.run_code("import time; time.sleep(60)"))
        await asyncio.sleep(0.1)
        os.kill(family.zygote, signal.SIGKILL)
        with pytest.raises(SandboxCrashed):
            await running
        assert (await sandbox.run_code("1 + 1")).text == "2"
        await box.aclose()
