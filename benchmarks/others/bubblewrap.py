"""bubblewrap: a new set of namespaces, and in it a bare start of the same interpreter."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tta_dev_primitives.cli.benching.arms import Arm, ArmUnavailable, start, start_in_thread
from tta_dev_primitives.sandbox.local.interpreter import base_interpreter

VIEW = ("--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc")
PR_SET_CHILD_SUBREAPER = 36


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split())


async def seconds(command: Sequence[str]) -> float:
    """Run the command and return its seconds.

    bwrap ends without waiting for process 1 of its namespace. Only if that becomes a child of ours does the
    kernel charge us its CPU time, which is most of the whole.
    """
    prctl = ctypes.CDLL(None).prctl
    before = children()
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    begin = time.perf_counter()
    await start(command)
    taken = time.perf_counter() - begin
    for orphan in children() - before:
        os.waitpid(int(orphan), 0)  # noqa: ASYNC222  # nothing else is to run meanwhile
    prctl(PR_SET_CHILD_SUBREAPER, 0)
    return taken


@asynccontextmanager
async def bubblewrap_arms() -> AsyncGenerator[Sequence[Arm]]:
    program = shutil.which("bwrap")
    if program is None:
        raise ArmUnavailable("apt install bubblewrap")
    command = (program, *VIEW, "--tmpfs", "/tmp", base_interpreter().executable, "-I", "-S", "-c", "pass")  # noqa: S108  # inside
    tried = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: ASYNC221, S603  # constants
    if tried.returncode != 0:
        raise ArmUnavailable(f"it does not work here: {tried.stderr.strip()}")
    yield [
        Arm(
            name="bubblewrap, bare python",
            run=lambda: seconds(command),
            own_clock=lambda: seconds(command),
            parallel=lambda: start_in_thread(command),
        )
    ]
