"""What a program that uses E2B does, from the first call to the last, with either client."""

from __future__ import annotations

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# The SDK has types, but no py.typed, and not everywhere.
import pytest
from e2b import SandboxNotFoundException, SandboxNotRunningException
from e2b_code_interpreter.code_interpreter_async import AsyncSandbox
from e2b_code_interpreter.code_interpreter_sync import Sandbox


def test_a_program_that_blocks() -> None:
    sandbox = Sandbox.create(timeout=120, metadata={"who": "me & you"}, envs={"GREETING": "hello"})
    execution = sandbox.run_code("import os\nprint(os.environ['GREETING'])\n6 * 7")
    assert (execution.logs.stdout, execution.text, execution.error) == (["hello\n"], "42", None)
    assert sandbox.files.write("data/in.txt", "seen by all").path == "/home/user/data/in.txt"
    assert sandbox.run_code("open('data/in.txt').read()").text == "seen by all"
    assert sandbox.commands.run("cat data/in.txt && echo $GREETING").stdout == "seen by allhello\n"
    assert sandbox.get_info().metadata == {"who": "me & you"}
    same = Sandbox.connect(sandbox.sandbox_id)
    assert same.files.read("data/in.txt") == "seen by all"
    assert sandbox.kill()
    assert not sandbox.is_running()
    assert not sandbox.kill()
    with pytest.raises(SandboxNotFoundException):
        Sandbox.connect(sandbox.sandbox_id)
    with pytest.raises(SandboxNotRunningException):
        same.files.read("data/in.txt")


async def test_a_program_that_awaits() -> None:
    sandbox = await AsyncSandbox.create(timeout=120, envs={"GREETING": "hello"})
    execution = await sandbox.run_code("import os\nprint(os.environ['GREETING'])\n6 * 7")
    assert (execution.logs.stdout, execution.text, execution.error) == (["hello\n"], "42", None)
    await sandbox.files.write("data/in.txt", b"\x00\xff")
    assert await sandbox.files.read("data/in.txt", format="bytes") == b"\x00\xff"
    assert (await sandbox.commands.run("wc -c < data/in.txt")).stdout.strip() == "2"
    same = await AsyncSandbox.connect(sandbox.sandbox_id)
    assert [entry.name for entry in await same.files.list("data")] == ["in.txt"]
    assert await sandbox.kill()
    assert not await sandbox.is_running()


def test_sandboxes_share_nothing(sandbox: Sandbox) -> None:
    other = Sandbox.create(timeout=120)
    try:
        sandbox.run_code("secret = 1")
        sandbox.files.write("secret.txt", "1")
        assert other.run_code("'secret' in globals()").text == "False"
        assert not other.files.exists("secret.txt")
    finally:
        other.kill()
