"""What happens where user namespaces are refused: a namespace is made in which they are."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

PROGRAM = """
import asyncio, json, logging, sys
from tta_dev_primitives.core.errors import SandboxUnavailable
from tta_dev_primitives.sandbox import Isolation, LocalSandbox
logging.basicConfig(stream=sys.stderr)
async def main():
    asked = Isolation(sys.argv[1]) if len(sys.argv) > 1 else None
    async with LocalSandbox(isolation=asked) as sandbox:
        try:
            execution = await sandbox.run_code("6 * 7")
        except SandboxUnavailable as error:
            return print("refused:", error)
        print(execution.isolation, execution.text, sandbox.isolation)
asyncio.run(main())
"""


def _run(prepare: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    unshare, shell = shutil.which("unshare"), shutil.which("sh")
    if unshare is None or shell is None:
        pytest.skip("needs unshare of util-linux")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(  # noqa: S603  # our own program
        [unshare, "-Ur", shell, "-c", f'{prepare} exec "$0" "$@"', sys.executable, "-c", PROGRAM, *arguments],
        capture_output=True,
        check=False,
        text=True,
        env=environment,
    )
    if "unshare failed" in done.stderr:
        pytest.skip("user namespaces are refused to this test as well")
    return done


REFUSE = "echo 0 > /proc/sys/user/max_user_namespaces;"


def test_the_root_of_a_small_user_namespace_gets_namespaces() -> None:
    assert _run("").stdout == "namespaces 42 namespaces\n"


def test_without_user_namespaces_the_landlock_tier_is_used_and_named() -> None:
    done = _run(REFUSE)
    if done.stdout.startswith("refused: "):
        assert "landlock refused at Landlock" in done.stdout
    else:
        assert done.stdout == "landlock 42 landlock\n"
        assert "user namespaces" in done.stderr


def test_a_tier_that_was_insisted_on_is_never_replaced() -> None:
    done = _run(REFUSE, "namespaces")
    assert done.stdout.startswith("refused: cannot isolate code here. namespaces refused at user namespaces")
    assert "max_user_namespaces" in done.stdout
