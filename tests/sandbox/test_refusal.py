"""Where the machine refuses what isolation needs: what is used instead is named, or nothing runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

PROGRAM = """
import asyncio, logging, sys
from tta_dev_primitives.core.errors import SandboxUnavailable
from tta_dev_primitives.sandbox import LocalSandbox
from tta_dev_primitives.sandbox.local.selftest import ATTACKS
logging.basicConfig(stream=sys.stderr)
async def main():
    async with LocalSandbox() as sandbox:
        try:
            expected = sandbox.isolation
            execution = await sandbox.run_code(ATTACKS)
        except SandboxUnavailable as error:
            return print("refused:", error)
        print(expected, execution.isolation, execution.exit_code)
asyncio.run(main())
"""
CONTAINED = 7
"""The exit code of `ATTACKS` when every attack failed."""
DENYING = str(Path(__file__).with_name("denying.py"))


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Who asks for a sandbox: as which user, or by which command that makes one."""

    name: str
    command: tuple[str, ...] = ()
    number: int | None = None


USERS = (
    User(name="this user"),
    User(name="root of a container", command=("unshare", "-Ur")),
    User(name="nobody", number=65534),
)


@pytest.fixture(params=USERS, ids=lambda user: user.name)
def user(request: pytest.FixtureRequest) -> User:
    """Each user that this test can turn into, who can start this interpreter."""
    one: User = request.param
    if one.command and shutil.which(one.command[0]) is None:
        pytest.skip(f"needs {one.command[0]} of util-linux")
    if one.number is not None and os.geteuid() != 0:
        pytest.skip("needs root")
    if not _can_start(one):
        pytest.skip(f"cannot be {one.name} here, or that user cannot read this interpreter")
    return one


def _can_start(user: User) -> bool:
    try:
        return _python(user, (), "import tta_dev_primitives").returncode == 0
    except PermissionError:
        return False


def _python(user: User, wrapper: Sequence[str], program: str = PROGRAM) -> subprocess.CompletedProcess[str]:
    command = [*user.command, *wrapper, sys.executable, "-c", program]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(  # noqa: S603  # our own program
        command,
        capture_output=True,
        check=False,
        text=True,
        env=environment,
        cwd="/",
        user=user.number,
        group=user.number,
        extra_groups=None if user.number is None else [],
    )


def _denying(*profiles: str) -> list[str]:
    return [sys.executable, DENYING, ",".join(profiles)]


def _assert_landlock_or_refused(done: subprocess.CompletedProcess[str]) -> None:
    """Landlock with a warning that names the remedy; or no run, if this kernel or user has no Landlock."""
    if done.stdout.startswith("refused: "):
        assert re.search(r"landlock refused at (Landlock|interpreter)", done.stdout), done
        assert "namespaces refused at" in done.stdout
        assert "to get it, " in done.stdout
        return
    assert done.stdout == f"landlock landlock {CONTAINED}\n", done
    assert "WARNING" in done.stderr
    assert "namespaces refused at" in done.stderr
    assert "a seccomp profile that allows unshare and mount" in done.stderr


def test_a_container_that_refuses_namespaces_gets_landlock(user: User) -> None:
    _assert_landlock_or_refused(_python(user, _denying("container")))


def test_a_kernel_without_mount_setattr_gets_landlock(user: User) -> None:
    _assert_landlock_or_refused(_python(user, _denying("no mount_setattr")))


def test_a_container_that_hides_parts_of_proc_gets_landlock(user: User) -> None:
    # Docker covers paths of /proc; then the kernel lets nobody below mount one that is not covered.
    hide = 'mount -t tmpfs none /proc/sys/fs && exec "$@"'
    done = _python(user, ["unshare", "-Urm", "sh", "-c", hide, "sh"])
    if "unshare failed" in done.stderr or "mount:" in done.stderr:
        pytest.skip("this user cannot cover a part of /proc")
    _assert_landlock_or_refused(done)


def test_without_landlock_too_nothing_runs(user: User) -> None:
    done = _python(user, _denying("container", "no landlock"))
    assert done.stdout.startswith("refused: cannot isolate code here. "), done
    for named in ("user namespaces", "seccomp profile", "andlock", "allow_unsandboxed=True"):
        assert named in done.stdout


def test_landlock_alone_is_not_needed_for_namespaces(user: User) -> None:
    assert _python(user, _denying("no landlock")).stdout == f"namespaces namespaces {CONTAINED}\n"


def test_without_seccomp_nothing_runs(user: User) -> None:
    done = _python(user, _denying("no new seccomp"))
    assert done.stdout.startswith("refused: "), done
    assert "seccomp" in done.stdout


DOWNGRADE = """
import asyncio, os, signal
from tests.sandbox.processes import alive, eventually, families
from tta_dev_primitives.core.errors import SandboxCrashed, SandboxUnavailable
from tta_dev_primitives.sandbox import LocalSandbox
async def main():
    async with LocalSandbox() as sandbox:
        print((await sandbox.run_code("1")).isolation)
        open("/proc/sys/user/max_user_namespaces", "w").write("0")
        (family,) = families()
        os.kill(family.zygote, signal.SIGKILL)
        eventually(lambda: not alive([family.zygote]))
        for _ in range(2):  # a spare that goes with its zygote fails one run as a crash, on a busy machine
            try:
                print((await sandbox.run_code("1")).isolation)
            except SandboxCrashed:
                continue
            except SandboxUnavailable as error:
                print("refused:", error)
            break
asyncio.run(main())
"""


def test_a_sandbox_never_falls_below_the_tier_it_began_with() -> None:
    done = _python(User(name="", command=("unshare", "-Ur")), (), DOWNGRADE)
    if "unshare failed" in done.stderr:
        pytest.skip("user namespaces are refused to this test as well")
    first, second = done.stdout.splitlines()
    assert first == "namespaces", done
    assert second.startswith("refused: cannot isolate code here. namespaces refused at user namespaces")
