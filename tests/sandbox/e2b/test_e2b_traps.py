"""The traps of E2B's protocol and SDK: what is the program's fault, what is ours, what is the service's."""

from __future__ import annotations

import asyncio
import time

import pytest
from tests.sandbox.e2b.exchange import KEY, FakeE2B
from tests.sandbox.e2b.fake_server import execute
from tests.sandbox.e2b.faults import (
    create_and_drop,
    drop,
    drop_after_output,
    failure,
    lose,
    record,
    vanish_silently,
)

from tta_dev_primitives.core.errors import ConfigurationError, SandboxCrashed, SandboxUnavailable
from tta_dev_primitives.sandbox import E2BSandbox, Limits, Stop

SLOW = "import time\nprint('begun', flush=True)\ntime.sleep(60)"
SHORT = Limits(wall_s=0.5)


async def running(server: FakeE2B, program: str) -> None:
    """Wait until the fake was given this program."""
    async with asyncio.timeout(20):
        while not any(body["code"] == program for body in server.bodies("execute")):  # noqa: ASYNC110  # it is a thread
            await asyncio.sleep(0.01)


async def test_our_own_deadline_rules(sandbox: E2BSandbox) -> None:
    started = time.monotonic()
    execution = await sandbox.run_code(SLOW, limits=Limits(wall_s=2.0))
    assert (execution.stop, execution.exit_code, execution.error) == (Stop.WALL_TIME, None, None)
    assert execution.stdout == "begun\n"
    assert 2.0 <= execution.usage.wall_s < 4.0
    assert time.monotonic() - started < 20


async def test_a_context_is_dropped_after_a_timeout(sandbox: E2BSandbox, server: FakeE2B) -> None:
    await sandbox.run_code(SLOW, limits=SHORT)
    assert (await sandbox.run_code("print('next')")).stdout == "next\n"
    contexts = [body["context_id"] for body in server.bodies("execute")]
    slow = [body["context_id"] for body in server.bodies("execute") if body["code"] == SLOW]
    assert contexts.count(slow[0]) == 2, "its prologue and the program, and nothing after"


async def test_slow_code_does_not_run_on(sandbox: E2BSandbox, server: FakeE2B) -> None:
    execution = await sandbox.run_code(SLOW, limits=SHORT)
    assert not server.machines[execution.sandbox_id].alive


async def test_a_sandbox_that_vanishes_is_no_slow_code(sandbox: E2BSandbox, server: FakeE2B) -> None:
    run = asyncio.create_task(sandbox.run_code(SLOW, limits=Limits(wall_s=30.0)))
    await running(server, SLOW)
    server.alive[0].kill()
    with pytest.raises(SandboxCrashed):
        await run
    assert (await sandbox.run_code("print('next')")).stdout == "next\n"


async def test_nor_is_one_that_vanishes_without_a_word(sandbox: E2BSandbox, server: FakeE2B) -> None:
    server.fail("execute", execute, vanish_silently)
    with pytest.raises(SandboxCrashed, match="vanished"):
        await sandbox.run_code(SLOW, limits=SHORT)


@pytest.mark.parametrize("fault", [drop, drop_after_output, failure(502), failure(500), failure(404)])
async def test_a_broken_stream_is_a_crash(sandbox: E2BSandbox, server: FakeE2B, fault: object) -> None:
    server.fail("execute", execute, fault)  # type: ignore[arg-type]
    with pytest.raises(SandboxCrashed):
        await sandbox.run_code("print(1)")
    assert server.alive == []


@pytest.mark.parametrize("route", ["open", "write", "execute"])
async def test_so_is_a_failure_before_the_program(sandbox: E2BSandbox, server: FakeE2B, route: str) -> None:
    server.fail(route, failure(500))
    with pytest.raises(SandboxCrashed):
        await sandbox.run_code("print(1)", files={"a": b""})
    assert (await sandbox.run_code("print(2)")).stdout == "2\n"


async def test_a_call_that_gets_lost_is_no_silent_success(sandbox: E2BSandbox, server: FakeE2B) -> None:
    server.fail("execute", execute, lose)
    with pytest.raises(SandboxCrashed, match="never got the code"):
        await sandbox.run_code("print(1)")


async def test_a_program_that_blocks_its_report_is_not_an_outage(
    sandbox: E2BSandbox, server: FakeE2B
) -> None:
    code = "import builtins, time\nbuiltins._playbox_end = lambda marker: time.sleep(60)\nprint(1)"
    execution = await sandbox.run_code(code)
    assert (execution.success, execution.stdout) == (True, "1\n")
    assert server.alive == []


@pytest.mark.parametrize("code", ["import os\nos._exit(0)", "import os, signal\nos.kill(os.getpid(), 9)"])
async def test_a_program_that_takes_its_kernel_down_is_to_blame(sandbox: E2BSandbox, code: str) -> None:
    execution = await sandbox.run_code(code)
    assert (execution.stop, execution.exit_code, execution.success) == (Stop.SIGNALLED, None, False)
    assert execution.error is not None
    assert execution.error.name == "ContextRestarting"
    assert (await sandbox.run_code("print('next')")).stdout == "next\n"


@pytest.mark.parametrize("name", ["WebSocketError", "UnexpectedEndOfExecution", "ExecutionAborted"])
async def test_a_lost_connection_to_the_kernel_is_not(
    sandbox: E2BSandbox, server: FakeE2B, name: str
) -> None:
    lost = record(type="error", name=name, value="closed", traceback="")
    server.fail("execute", execute, lost)
    with pytest.raises(SandboxCrashed, match=name):
        await sandbox.run_code("print(1)")


@pytest.mark.parametrize("name", ["ContextRestarting", "UnexpectedEndOfExecution"])
async def test_a_program_cannot_claim_an_outage(sandbox: E2BSandbox, name: str) -> None:
    execution = await sandbox.run_code(f"class {name}(Exception): pass\nraise {name}('outage')")
    assert (execution.stop, execution.exit_code) == (Stop.EXITED, 1)


async def test_an_exception_without_a_traceback_is_the_programs_own(
    sandbox: E2BSandbox, server: FakeE2B
) -> None:
    bare = [record(type="error", name="ValueError", value="bare", traceback=""), execute]
    server.fail("execute", execute, *bare)
    execution = await sandbox.run_code("raise ValueError('bare')")
    assert (execution.stop, execution.exit_code) == (Stop.EXITED, 1)
    assert execution.error is not None
    assert execution.error.line is None


async def test_a_wrong_key_is_named(server: FakeE2B) -> None:
    async with E2BSandbox(api_key="e2b_wrong") as sandbox:
        with pytest.raises(ConfigurationError, match="E2B_API_KEY"):
            await sandbox.run_code("1")
    assert len(server.bodies("create")) == 1, "a refused key is not tried again"


async def test_so_is_a_key_that_may_not(sandbox: E2BSandbox, server: FakeE2B) -> None:
    server.fail("create", failure(403, "this plan has no such template"))
    with pytest.raises(ConfigurationError, match=r"no such template.*E2B_API_KEY"):
        await sandbox.run_code("1")


async def test_an_unknown_template_is_named(server: FakeE2B) -> None:
    async with E2BSandbox(api_key=KEY, template="mine") as sandbox:
        server.fail("create", failure(404))
        with pytest.raises(ConfigurationError, match="'mine'"):
            await sandbox.run_code("1")
        assert (await sandbox.run_code("1")).success
    assert [body["templateID"] for body in server.bodies("create")] == ["mine", "mine"]


@pytest.mark.parametrize("status", [429, 503])
async def test_a_busy_service_is_asked_again_when_it_says(
    sandbox: E2BSandbox, server: FakeE2B, status: int
) -> None:
    server.fail("create", failure(status, Retry_After="1"))
    started = time.monotonic()
    assert (await sandbox.run_code("1")).success
    assert time.monotonic() - started >= 1.0


@pytest.mark.parametrize("status", [429, 503])
async def test_but_not_for_ever(sandbox: E2BSandbox, server: FakeE2B, status: int) -> None:
    server.fail("create", *[failure(status, Retry_After="0")] * 10)
    with pytest.raises(SandboxUnavailable, match="max_concurrent"):
        await sandbox.run_code("1")
    assert len(server.bodies("create")) == 4


async def test_nor_when_it_says_much_later(sandbox: E2BSandbox, server: FakeE2B) -> None:
    server.fail("create", failure(429, Retry_After="3600"))
    started = time.monotonic()
    with pytest.raises(SandboxUnavailable):
        await sandbox.run_code("1")
    assert time.monotonic() - started < 30


async def test_a_transport_error_of_create_is_ours(sandbox: E2BSandbox, server: FakeE2B) -> None:
    server.fail("create", drop)
    with pytest.raises(SandboxUnavailable, match="cannot be reached"):
        await sandbox.run_code("1")


async def test_a_service_that_is_not_there(server: FakeE2B, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("E2B_API_URL", "http://127.0.0.1:1")
    async with E2BSandbox(api_key=KEY) as sandbox:
        with pytest.raises(SandboxUnavailable, match="cannot be reached"):
            await sandbox.run_code("1")
    assert server.calls == []


async def test_nonsense_for_an_answer(sandbox: E2BSandbox, server: FakeE2B) -> None:
    server.fail("create", lambda exchange: exchange.reply(201, {"nonsense": 1}))
    with pytest.raises(SandboxUnavailable):
        await sandbox.run_code("1")
    server.fail("execute", execute, record(nonsense=1))
    with pytest.raises(SandboxCrashed):
        await sandbox.run_code("1")


async def test_every_sandbox_has_a_timeout_a_tag_and_no_internet(
    sandbox: E2BSandbox, server: FakeE2B
) -> None:
    await sandbox.run_code("1", limits=Limits(wall_s=1000.0))
    (asked,) = server.bodies("create")
    assert isinstance(asked["timeout"], int)
    assert asked["timeout"] > 1000
    assert asked["allow_internet_access"] is False
    assert server.alive[0].metadata["playbox_run"] == sandbox.run_id


async def test_a_sandbox_used_again_lives_long_enough(sandbox: E2BSandbox, server: FakeE2B) -> None:
    await sandbox.run_code("1")
    await sandbox.run_code("1", limits=Limits(wall_s=1000.0))
    (asked,) = server.bodies("extend")
    assert isinstance(asked["timeout"], int)
    assert asked["timeout"] > 1000
    assert len(server.machines) == 1


async def test_one_that_is_gone_is_replaced(sandbox: E2BSandbox, server: FakeE2B) -> None:
    await sandbox.run_code("1")
    server.alive[0].kill()
    assert (await sandbox.run_code("1", limits=Limits(wall_s=1000.0))).success


async def test_orphans_are_killed_and_others_are_not(server: FakeE2B) -> None:
    mine, other = {"playbox_run": "job-7"}, {"playbox_run": "job-8"}
    for tag in (mine, mine, mine, other):
        server.add({"metadata": tag})
    server.page = 2
    async with E2BSandbox(api_key=KEY, run_id="job-7") as sandbox:
        await sandbox.run_code("1")
        assert await sandbox.clean_up_orphans() == 3
        assert (await sandbox.run_code("print('kept')")).stdout == "kept\n"
    assert [machine.metadata for machine in server.alive] == [other]
    assert len(server.machines) == 5


async def test_a_lost_answer_leaves_no_sandbox_behind(server: FakeE2B) -> None:
    async with E2BSandbox(api_key=KEY) as sandbox:
        server.fail("create", create_and_drop)
        with pytest.raises(SandboxUnavailable):
            await sandbox.run_code("1")
        assert len(server.alive) == 1
    assert server.alive == []


async def test_nor_does_a_kill_that_failed(server: FakeE2B, caplog: pytest.LogCaptureFixture) -> None:
    async with E2BSandbox(api_key=KEY) as sandbox:
        server.fail("kill", failure(500))
        await sandbox.run_code(SLOW, limits=SHORT)
        assert len(server.alive) == 1
    assert server.alive == []
    assert "could not be killed" in caplog.text


async def test_cancellation_kills_the_run_and_propagates(sandbox: E2BSandbox, server: FakeE2B) -> None:
    run = asyncio.create_task(sandbox.run_code(SLOW, limits=Limits(wall_s=30.0)))
    await running(server, SLOW)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert server.alive == []
    assert (await sandbox.run_code("print('next')")).stdout == "next\n"


async def test_closing_ends_what_runs(server: FakeE2B) -> None:
    sandbox = E2BSandbox(api_key=KEY)
    run = asyncio.create_task(sandbox.run_code(SLOW, limits=Limits(wall_s=30.0)))
    await running(server, SLOW)
    await sandbox.aclose()
    await sandbox.aclose()
    assert server.alive == []
    with pytest.raises(SandboxCrashed):
        await run
    with pytest.raises(ConfigurationError, match="closed"):
        await sandbox.run_code("1")


def test_one_event_loop_after_another(server: FakeE2B) -> None:
    sandbox = E2BSandbox(api_key=KEY)
    for _ in range(2):
        assert asyncio.run(sandbox.run_code("print(1)")).stdout == "1\n"
    asyncio.run(sandbox.aclose())
    assert server.alive == []
    assert len(server.machines) == 1
