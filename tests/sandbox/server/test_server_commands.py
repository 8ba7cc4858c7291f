"""Commands: processes of a sandbox that clients start, follow, feed and end."""

from __future__ import annotations

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# The SDK has types, but no py.typed, and not everywhere.
import pytest
from e2b import CommandExitException, NotFoundException, SandboxNotRunningException, TimeoutException
from e2b_code_interpreter.code_interpreter_async import AsyncSandbox
from e2b_code_interpreter.code_interpreter_sync import Sandbox


def test_a_command_prints_and_ends(sandbox: Sandbox) -> None:
    result = sandbox.commands.run("echo out; echo err >&2; pwd")
    assert (result.stdout, result.stderr, result.exit_code) == ("out\n/home/user\n", "err\n", 0)


def test_a_command_that_fails_says_how(sandbox: Sandbox) -> None:
    with pytest.raises(CommandExitException) as failure:
        sandbox.commands.run("echo before; exit 7")
    assert (failure.value.exit_code, failure.value.stdout) == (7, "before\n")
    assert failure.value.error == "exit status 7"


def test_a_command_has_an_environment_and_a_directory(sandbox: Sandbox) -> None:
    sandbox.files.make_dir("here")
    result = sandbox.commands.run("pwd; echo $COLOR", cwd="/home/user/here", envs={"COLOR": "dark red"})
    assert result.stdout == "/home/user/here\ndark red\n"


def test_bytes_that_are_no_text_do_not_break_the_stream(sandbox: Sandbox) -> None:
    assert sandbox.commands.run("printf 'a\\xe2'").stdout == "a\ufffd"


def test_much_output_arrives_whole(sandbox: Sandbox) -> None:
    assert len(sandbox.commands.run("head -c 3000000 /dev/zero | tr '\\0' x").stdout or "") == 3_000_000


def test_a_command_in_the_background_is_listed_fed_and_ends(sandbox: Sandbox) -> None:
    handle = sandbox.commands.run("cat", background=True, stdin=True)
    listed = {process.pid: process for process in sandbox.commands.list()}
    assert listed[handle.pid].args == ["-l", "-c", "cat"]
    handle.send_stdin("one ")
    sandbox.commands.send_stdin(handle.pid, b"two")
    handle.close_stdin()
    assert handle.wait().stdout == "one two"
    assert handle.pid not in [process.pid for process in sandbox.commands.list()]


def test_input_may_be_streamed(sandbox: Sandbox) -> None:
    handle = sandbox.commands.run("cat", background=True, stdin=True)
    words: list[str | bytes] = ["a", b"b", "c"]
    sandbox.commands.stream_input(handle.pid, iter(words))
    handle.close_stdin()
    assert handle.wait().stdout == "abc"


def test_without_stdin_a_command_reads_nothing(sandbox: Sandbox) -> None:
    assert sandbox.commands.run("cat; echo done").stdout == "done\n"


def test_a_command_is_killed(sandbox: Sandbox) -> None:
    handle = sandbox.commands.run("sleep 600", background=True)
    assert handle.kill()
    with pytest.raises(CommandExitException) as end:
        handle.wait()
    assert (end.value.exit_code, end.value.error) == (-1, "signal: killed")
    assert not sandbox.commands.kill(handle.pid)


def test_who_connects_hears_the_rest(sandbox: Sandbox) -> None:
    handle = sandbox.commands.run("read line; echo got $line", background=True, stdin=True)
    other = sandbox.commands.connect(handle.pid)
    assert other.pid == handle.pid
    handle.send_stdin("it\n")
    assert (handle.wait().stdout, other.wait().stdout) == ("got it\n", "got it\n")


def test_a_command_outlives_the_client_that_started_it(sandbox: Sandbox) -> None:
    handle = sandbox.commands.run("read line; echo got $line", background=True, stdin=True)
    handle.disconnect()
    again = sandbox.commands.connect(handle.pid)
    sandbox.commands.send_stdin(handle.pid, "it\n")
    assert again.wait().stdout == "got it\n"


def test_a_command_is_killed_when_its_time_is_up(sandbox: Sandbox) -> None:
    with pytest.raises(TimeoutException):
        sandbox.commands.run("sleep 600", timeout=1)
    gone = "while pgrep -x sleep; do :; done" if sandbox.files.exists("/usr/bin/pgrep") else "true"
    assert sandbox.commands.run(gone).exit_code == 0
    assert sandbox.commands.list() == []


def test_what_never_ran_is_not_found(sandbox: Sandbox) -> None:
    with pytest.raises(NotFoundException):
        sandbox.commands.connect(999_999)
    with pytest.raises(NotFoundException):
        sandbox.commands.send_stdin(999_999, "x")
    assert not sandbox.commands.kill(999_999)


def test_killing_the_sandbox_is_told_to_who_waits_for_a_command(sandbox: Sandbox) -> None:
    handle = sandbox.commands.run("sleep 600", background=True)
    sandbox.kill()
    with pytest.raises(SandboxNotRunningException):
        handle.wait()


async def test_a_client_that_awaits_does_the_same(async_sandbox: AsyncSandbox) -> None:
    commands, heard = async_sandbox.commands, list[str]()
    handle = await commands.run("cat", background=True, stdin=True, on_stdout=heard.append)
    await commands.send_stdin(handle.pid, "te")
    stream = commands.stream_input(handle.pid)
    await stream.send("x")
    await stream.send("t")
    await stream.close()
    await commands.close_stdin(handle.pid)
    assert (await handle.wait()).stdout == "".join(heard) == "text"
    with pytest.raises(CommandExitException):
        await commands.run("false")
    with pytest.raises(TimeoutException):
        await commands.run("sleep 600", timeout=1)
