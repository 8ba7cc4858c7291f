from __future__ import annotations

import pytest
from tests.cli.in_process_sandbox import InProcessSandbox

from tta_dev_primitives.core.context import WorkflowContext
from tta_dev_primitives.core.errors import ConfigurationError, SessionEnded
from tta_dev_primitives.sandbox import CodeExecutionPrimitive, CodeInput, Limits, LocalSandbox, Stop


async def test_output_by_key_and_by_attribute(sandbox: LocalSandbox) -> None:
    primitive = CodeExecutionPrimitive(sandbox)
    result = await primitive.execute({"code": "print(6 * 7)", "env_vars": {"A": "1"}}, WorkflowContext())
    assert result.success
    assert result["output"] == result.output == "42\n"
    assert result.error is None
    assert result.isolation is sandbox.isolation
    assert result.execution_time == result.execution.usage.wall_s
    assert dict(result)["sandbox_id"] == result.sandbox_id
    assert set(result) >= {"output", "error", "execution_time", "success", "logs", "sandbox_id"}
    with pytest.raises(KeyError, match="known"):
        result["outputs"]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "exited with code 3"),
        ("import os; os.kill(os.getpid(), 15)", "killed by signal 15"),
        ("while True: print('x' * 10_000)", "stopped: output limit exceeded"),
    ],
)
async def test_guest_errors_are_data(sandbox: LocalSandbox, code: str, error: str) -> None:
    result = await CodeExecutionPrimitive(sandbox).execute({"code": code}, WorkflowContext())
    assert not result.success
    assert result.error is not None
    assert result.error.strip().endswith(error)


async def test_the_timeout_and_the_deadline_bound_the_run(sandbox: LocalSandbox) -> None:
    primitive = CodeExecutionPrimitive(sandbox, limits=Limits(wall_s=30))
    loop: CodeInput = {"code": "while True: pass"}
    timed = await primitive.execute({**loop, "timeout": 0.2}, WorkflowContext())
    assert timed.execution.stop is Stop.WALL_TIME
    bounded = await primitive.execute(loop, WorkflowContext().with_timeout(0.2))
    assert bounded.execution.stop is Stop.WALL_TIME


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"code": "1", "lang": "python"}, r"unknown keys \['lang'\].*known: \['code', 'env_vars'"),
        ({}, "code"),
        ({"code": 5}, "code=5"),
        ({"code": "1", "timeout": -1}, r"wall_s=-1\.0"),
        ({"code": "1", "env_vars": {"A": 1}}, r"env_vars\.A=1"),
    ],
)
async def test_bad_input_is_refused(data: CodeInput, message: str) -> None:
    async with CodeExecutionPrimitive() as primitive:
        with pytest.raises(ConfigurationError, match=message):
            await primitive.execute(data, WorkflowContext())


async def test_it_makes_and_closes_its_own_sandbox() -> None:
    async with CodeExecutionPrimitive() as primitive:
        assert (await primitive.execute({"code": "print(1)"}, WorkflowContext())).success
    with pytest.raises(ConfigurationError, match="closed"):
        await primitive.execute({"code": "print(1)"}, WorkflowContext())


async def test_reuse_keeps_the_variables_of_one_session() -> None:
    async with CodeExecutionPrimitive(reuse=True) as primitive:
        first = await primitive.execute({"code": "x = 41"})
        second = await primitive.execute({"code": "print(x + 1)"})
        assert (first.success, second.output, second.sandbox_id) == (True, "42\n", first.sandbox_id)
        failed = await primitive.execute({"code": "1 / 0"})
        assert failed.error is not None
        assert "ZeroDivisionError" in failed.error
        with pytest.raises(ConfigurationError, match="bash"):
            await primitive.execute({"code": "echo", "language": "bash"})


async def test_a_reused_session_that_ended_is_told_and_the_next_is_fresh() -> None:
    async with CodeExecutionPrimitive(reuse=True) as primitive:
        await primitive.execute({"code": "x = 1"})
        ended = await primitive.execute({"code": "import os; os._exit(3)"})
        assert ended.error == "exited with code 3"
        with pytest.raises(SessionEnded, match="exited with code 3"):
            await primitive.execute({"code": "print(x)"})
        fresh = await primitive.execute({"code": "print('x' in globals())"})
        assert fresh.output == "False\n"


async def test_without_reuse_nothing_is_kept(sandbox: LocalSandbox) -> None:
    primitive = CodeExecutionPrimitive(sandbox)
    await primitive.execute({"code": "x = 1"})
    assert not (await primitive.execute({"code": "print(x)"})).success


def test_reuse_needs_a_sandbox_with_sessions() -> None:
    with pytest.raises(ConfigurationError, match="InProcessSandbox"):
        CodeExecutionPrimitive(InProcessSandbox(), reuse=True)
