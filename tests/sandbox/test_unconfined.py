from __future__ import annotations

import asyncio
import logging
import os
import signal
import tempfile
from pathlib import Path

import pytest

from tta_dev_primitives.sandbox import Isolation, Limits, LocalSandbox, Stop


@pytest.fixture
def open_air() -> LocalSandbox:
    return LocalSandbox(isolation=Isolation.NONE, allow_unsandboxed=True)


async def test_it_is_never_silent(open_air: LocalSandbox, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        async with open_air:
            first = await open_air.run_code("6 * 7")
            await open_air.run_code("1")
    assert (first.text, first.isolation) == ("42", Isolation.NONE)
    assert open_air.isolation is Isolation.NONE
    assert len([record for record in caplog.records if "WITHOUT a sandbox" in record.message]) == 1


async def test_errors_files_and_environment_are_the_same(open_air: LocalSandbox) -> None:
    execution = await open_air.run_code(
        "import os, lib\nprint(os.environ['A'], lib.B)\n1 / 0", files={"lib.py": b"B = 2"}, envs={"A": "1"}
    )
    assert (execution.stdout, execution.exit_code) == ("1 2\n", 1)
    assert execution.error is not None
    assert (execution.error.name, execution.error.line) == ("ZeroDivisionError", 3)


async def test_time_and_output_are_limited(open_air: LocalSandbox) -> None:
    slow = await open_air.run_code("print(1)\nwhile True: pass", limits=Limits(wall_s=0.5))
    assert (slow.stop, slow.exit_code, slow.signal) == (Stop.WALL_TIME, None, 9)
    loud = await open_air.run_code("while True: print('x' * 1000)", limits=Limits(output_bytes=5000))
    assert (loud.stop, loud.truncated, len(loud.stdout)) == (Stop.OUTPUT, True, 5000)


async def test_allowing_it_does_not_weaken_what_works(sandbox: LocalSandbox) -> None:
    async with LocalSandbox(allow_unsandboxed=True) as lenient:
        execution = await lenient.run_code("1")
    assert execution.isolation in {Isolation.NAMESPACES, sandbox.isolation}


DEEP = "import os\nfor _ in range(3000):\n    os.mkdir('d')\n    os.chdir('d')\n"


async def test_a_tree_deeper_than_python_can_remove_is_removed(
    open_air: LocalSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert (await open_air.run_code(DEEP)).success
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240  # a test may wait


DAEMON = """
import subprocess, sys
sleeper = [sys.executable, "-c", "import time; time.sleep(20)"]
print(subprocess.Popen(sleeper, start_new_session=True).pid)
"""


async def test_a_daemon_that_holds_the_output_open_is_not_waited_for(open_air: LocalSandbox) -> None:
    async with asyncio.timeout(10):
        execution = await open_air.run_code(DAEMON, limits=Limits(wall_s=1))
    os.kill(int(execution.stdout), signal.SIGKILL)
    assert execution.exit_code == 0
