"""smolagents' LocalPythonExecutor: an interpreter of Python written in Python, in the caller's own process.

It starts no process and confines nothing below the language, so its time is not that of a sandbox; it stands
here as it is what many agents run. It is timed by its own process, so that talking to that does not count.
"""

from __future__ import annotations

import subprocess
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from tta_dev_primitives.cli.benching.arms import Arm, ArmUnavailable

INTERPRETS = """
import sys, time
from smolagents.local_python_executor import LocalPythonExecutor

executor = LocalPythonExecutor([])
executor.send_tools({})
for _ in sys.stdin:
    start = time.perf_counter()
    executor("pass")
    print(time.perf_counter() - start, flush=True)
"""


def has_it(python: str) -> bool:
    try:
        tried = subprocess.run([python, "-c", "import smolagents"], check=False, capture_output=True)  # noqa: S603  # constant
    except OSError:
        return False
    return tried.returncode == 0


@asynccontextmanager
async def smolagents_arms(python: str) -> AsyncGenerator[Sequence[Arm]]:
    if not has_it(python):
        raise ArmUnavailable("pip install smolagents; or name a Python that has it: --smolagents PYTHON")
    with subprocess.Popen(  # noqa: ASYNC220, S603  # constant
        [python, "-c", INTERPRETS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:

        async def interpret() -> float:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write("\n")
            process.stdin.flush()
            return float(process.stdout.readline())

        yield [Arm(name="smolagents, not confined", run=interpret, own_clock=interpret)]
