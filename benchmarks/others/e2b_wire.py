"""E2B's unmodified SDK against `playbox sandbox serve`, which is a process of its own on loopback."""

from __future__ import annotations

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# The SDK has types, but no py.typed, and not everywhere.
import importlib.util
import json
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager

from tta_dev_primitives.cli.benching.arms import Arm, ArmUnavailable

NEEDED = ("e2b_code_interpreter", "starlette", "uvicorn")
SERVE = (sys.executable, "-m", "tta_dev_primitives.cli", "sandbox", "serve", "--port", "0", "--json")
KEY = "e2b_" + "0" * 40
LIFE_S = 3600


@contextmanager
def served() -> Generator[str]:
    """Yield the address of a server."""
    with subprocess.Popen(SERVE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # our own
        assert process.stdout is not None
        lines: list[str] = []
        while not lines or lines[-1] not in {"}\n", ""}:
            lines.append(process.stdout.readline())
        try:
            yield json.loads("".join(lines))["api_url"]
        finally:
            process.terminate()
            process.communicate()


@asynccontextmanager
async def e2b_arms() -> AsyncGenerator[Sequence[Arm]]:
    if not all(map(importlib.util.find_spec, NEEDED)):
        raise ArmUnavailable("pip install 'tta-dev-primitives[e2b,serve]'")
    from e2b_code_interpreter.code_interpreter_async import AsyncSandbox  # noqa: PLC0415  # an extra

    with served() as url:

        async def create() -> AsyncSandbox:
            return await AsyncSandbox.create(timeout=LIFE_S, api_key=KEY, api_url=url, sandbox_url=url)

        async def all_of_it() -> None:
            sandbox = await create()
            await run_in(sandbox)
            await sandbox.kill()

        async def run_in(sandbox: AsyncSandbox) -> None:
            assert (await sandbox.run_code("6 * 7")).text == "42"

        sandbox = await create()
        try:
            yield [
                Arm(name="E2B SDK, run_code", run=lambda: run_in(sandbox)),
                Arm(name="E2B SDK, create+run+kill", run=all_of_it, parallel=all_of_it),
            ]
        finally:
            await sandbox.kill()
