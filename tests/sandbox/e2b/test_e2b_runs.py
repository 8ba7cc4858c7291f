"""What a run on E2B gives back, over the unmodified SDK."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sandbox.e2b.exchange import KEY, FakeE2B

from tta_dev_primitives.core.errors import ConfigurationError, SandboxUnavailable
from tta_dev_primitives.sandbox import E2BSandbox, Isolation, Limits, Stop
from tta_dev_primitives.sandbox.e2b.cells import Epilogue, prologue


async def test_a_program_runs(sandbox: E2BSandbox) -> None:
    execution = await sandbox.run_code("import sys\nprint('out')\nprint('err', file=sys.stderr)\n6 * 7")
    assert execution.success
    assert (execution.stop, execution.exit_code, execution.signal) == (Stop.EXITED, 0, None)
    assert (execution.stdout, execution.stderr, execution.text) == ("out\n", "err\n", "42")
    assert execution.isolation is sandbox.isolation is Isolation.REMOTE
    assert execution.error is None
    assert not execution.truncated


async def test_the_sandbox_is_named(sandbox: E2BSandbox, server: FakeE2B) -> None:
    execution = await sandbox.run_code("pass")
    assert execution.sandbox_id in server.machines


async def test_an_exception_is_a_claim_with_its_line(sandbox: E2BSandbox) -> None:
    execution = await sandbox.run_code("def f():\n    return 1 / 0\n\nf()")
    assert (execution.stop, execution.exit_code) == (Stop.EXITED, 1)
    assert execution.error is not None
    assert (execution.error.name, execution.error.value) == ("ZeroDivisionError", "division by zero")
    assert execution.error.line == 2
    assert "\x1b" not in execution.error.traceback


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [
        ("import sys; sys.exit()", 0),
        ("raise SystemExit(0)", 0),
        ("exit(3)", 3),
        ("quit(256 + 7)", 7),
        ("raise SystemExit('no')", 1),
        ("1 +", 1),
    ],
)
async def test_exit_codes_are_those_of_an_interpreter(sandbox: E2BSandbox, code: str, exit_code: int) -> None:
    execution = await sandbox.run_code(code)
    assert (execution.stop, execution.exit_code) == (Stop.EXITED, exit_code)
    assert (execution.error is None) == (code != "1 +"), "leaving is no exception"


async def test_usage_is_measured_inside(sandbox: E2BSandbox) -> None:
    code = "import time\ndata = b'x' * 50_000_000\nwhile time.process_time() < 0.3: pass"
    usage = (await sandbox.run_code(code)).usage
    assert 0.1 < usage.cpu_s <= usage.wall_s + 1
    assert usage.peak_memory_bytes > 50_000_000


async def test_a_broken_report_is_zeros(sandbox: E2BSandbox) -> None:
    execution = await sandbox.run_code("import builtins\nbuiltins._playbox_end = print\nprint(1)")
    assert execution.success
    assert execution.stdout == "1\n"
    assert (execution.usage.cpu_s, execution.usage.peak_memory_bytes) == (0.0, 0)


async def test_what_is_written_to_the_descriptor_arrives(sandbox: E2BSandbox) -> None:
    execution = await sandbox.run_code("import os\nprint('first')\nos.write(1, b'last\\n')\npass")
    assert execution.stdout == "first\nlast\n"


async def test_asyncio_programs_run(sandbox: E2BSandbox) -> None:
    code = (
        "import asyncio\nasync def main():\n    await asyncio.sleep(0)\n    print('ran')\nasyncio.run(main())"
    )
    assert (await sandbox.run_code(code)).stdout == "ran\n"


async def test_files_are_bytes_in_the_working_directory(sandbox: E2BSandbox) -> None:
    data = bytes(range(256)) * 5
    files = {"data.bin": data, "pkg/__init__.py": b"", "pkg/part.py": b"value = 7\n"}
    code = "import pkg.part\nprint(open('data.bin', 'rb').read() == bytes(range(256)) * 5, pkg.part.value)"
    assert (await sandbox.run_code(code, files=files)).stdout == "True 7\n"
    assert (await sandbox.run_code("print(len(open('a').read()))", files={"a": b"abc"})).stdout == "3\n"


async def test_every_run_starts_fresh(sandbox: E2BSandbox, server: FakeE2B) -> None:
    await sandbox.run_code("x = 1\nopen('left', 'w').close()", files={"given": b"1"})
    seen = await sandbox.run_code("import os\nprint('x' in globals(), os.listdir())")
    assert seen.stdout == "False []\n"
    (machine,) = server.alive
    assert machine.contexts == {}
    assert list(machine.home.iterdir()) == []


HARD = {
    "QUOTES": 'it\'s "quoted" and \'\'\'thrice"""',
    "LINES": "one\ntwo\r\nthree\\n\\",
    "UNICODE": "é 漢字 \U0001f40e \u2028",
    "CODE": '"); import os; os._exit(9) #',
    "EMPTY": "",
}


async def test_any_environment_arrives_as_it_is(sandbox: E2BSandbox, server: FakeE2B) -> None:
    code = f"import os\nprint({{name: os.environ[name] for name in {list(HARD)!r}}} == {HARD!r})"
    assert (await sandbox.run_code(code, envs=HARD)).stdout == "True\n"
    assert all(not body["env_vars"] for body in server.bodies("execute"))


async def test_the_environment_is_whole(sandbox: E2BSandbox) -> None:
    execution = await sandbox.run_code("import os\nprint(sorted(os.environ))", envs={"A": "1"})
    assert set(eval(execution.stdout)) <= {"A", "PATH", "HOME", "LANG", "MPLBACKEND"}  # noqa: S307  # a list


@given(st.dictionaries(st.text(min_size=1), st.text()))
@settings(max_examples=50)
def test_no_value_gets_into_the_source(envs: dict[str, str]) -> None:
    plain, quoted = prologue("d", {}), prologue("d", envs)
    assert [line for line in plain.splitlines() if "_playbox_begin(" not in line] == [
        line for line in quoted.splitlines() if "_playbox_begin(" not in line
    ]
    compile(quoted, "cell", "exec")


@given(st.text())
def test_a_report_without_its_marker_is_no_report(printed: str) -> None:
    epilogue = Epilogue.fresh()
    assert epilogue.measured(printed).cpu_s == 0
    assert epilogue.late(printed) == printed


async def test_output_is_cut_at_its_limit(sandbox: E2BSandbox) -> None:
    code = "while True: print('x' * 999)"
    execution = await sandbox.run_code(code, limits=Limits(output_bytes=10_000))
    assert (execution.stop, execution.exit_code, execution.truncated) == (Stop.OUTPUT, None, True)
    assert len(execution.stdout.encode()) == execution.usage.output_bytes == 10_000


async def test_late_output_counts(sandbox: E2BSandbox) -> None:
    code = "import os\nos.write(1, b'x' * 60_000)\npass"
    execution = await sandbox.run_code(code, limits=Limits(output_bytes=50_000))
    assert (execution.stop, execution.truncated) == (Stop.OUTPUT, True)


async def test_a_lone_surrogate_is_no_failure_of_ours(sandbox: E2BSandbox) -> None:
    assert (await sandbox.run_code("print(ascii('\udcff'))")).stdout == "'\\udcff'\n"


async def test_runs_at_once_stay_below_the_limit(server: FakeE2B) -> None:
    async with E2BSandbox(api_key=KEY, max_concurrent=2) as sandbox:
        async with asyncio.TaskGroup() as group:
            runs = [group.create_task(sandbox.run_code(f"print({n})")) for n in range(6)]
        assert [run.result().stdout for run in runs] == [f"{n}\n" for n in range(6)]
    assert server.most_alive == 2


async def test_what_cannot_be_run_is_refused(sandbox: E2BSandbox, server: FakeE2B) -> None:
    with pytest.raises(SandboxUnavailable, match="'cobol'"):
        await sandbox.run_code("x", language="cobol")
    with pytest.raises(ConfigurationError, match=r"'\.\./x'"):
        await sandbox.run_code("x", files={"../x": b""})
    with pytest.raises(ConfigurationError, match="'A=B'"):
        await sandbox.run_code("x", envs={"A=B": ""})
    assert server.calls == []
