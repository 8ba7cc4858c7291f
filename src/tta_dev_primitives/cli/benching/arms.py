"""Arms: the kinds of run that are compared."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

from ...core.errors import SandboxCrashed, SandboxUnavailable
from ...sandbox.local import LocalSandbox, Session
from ...sandbox.local.interpreter import base_interpreter
from ...sandbox.types import Limits

BARE: Final = "bare python"
_COMMAND: Final = (base_interpreter().executable, "-I", "-S", "-c", "pass")
_OTHER_LIMITS: Final = replace(Limits(), open_files=Limits().open_files + 1)
"""No spare has these, so a child is forked and confined for the run."""

Run = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One kind of run.

    `beside` is the arm that it is compared with. `own_clock` does one run and returns its seconds, for what
    cannot be timed from here. `parallel` is what several callers do at once; None leaves that out. An arm
    takes part in one round of `every`.
    """

    name: str
    run: Run
    beside: str = BARE
    own_clock: Callable[[], Awaitable[float]] | None = None
    parallel: Run | None = None
    every: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """An arm that this machine cannot show, and what would have to be installed."""

    name: str
    reason: str


class ArmUnavailable(Exception):
    """Something that an arm needs is missing; the message says what to install."""


Opener = Callable[[], AbstractAsyncContextManager[Sequence[Arm]]]
"""Opens what some arms need, and closes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """All arms that could be opened, and those that could not."""

    arms: tuple[Arm, ...]
    skipped: tuple[Skipped, ...]


@asynccontextmanager
async def opened(openers: dict[str, Opener]) -> AsyncGenerator[Field]:
    """Yield the arms of all `openers` (name -> opener) that work here."""
    arms: list[Arm] = []
    skipped: list[Skipped] = []
    async with AsyncExitStack() as stack:
        for name, opener in openers.items():
            try:
                arms += await stack.enter_async_context(opener())
            except ArmUnavailable as missing:
                skipped.append(Skipped(name=name, reason=str(missing)))
        yield Field(arms=tuple(arms), skipped=tuple(skipped))


@asynccontextmanager
async def bare_arms() -> AsyncGenerator[Sequence[Arm]]:
    """Yield the reference: a start of the jail's interpreter that does nothing, with nothing confined."""
    yield [Arm(name=BARE, run=lambda: start(_COMMAND), parallel=lambda: start_in_thread(_COMMAND))]


@asynccontextmanager
async def run_arms() -> AsyncGenerator[Sequence[Arm]]:
    """Yield runs of a program that does nothing, each in a fresh process.

    - cold: with limits that no spare has, so that its process is forked and confined for it
    - warm: in a spare; when the result is there, the program is dead
    - exit confirmed: the same, and its namespaces and disk are gone as well
    """
    async with LocalSandbox() as sandbox, LocalSandbox(confirm_exit=True) as confirming:
        yield [
            Arm(name="cold run", run=lambda: succeed(sandbox, limits=_OTHER_LIMITS)),
            Arm(name="warm run", run=lambda: succeed(sandbox), parallel=lambda: succeed(sandbox)),
            Arm(name="exit confirmed", run=lambda: succeed(confirming), parallel=lambda: succeed(confirming)),
        ]


@asynccontextmanager
async def cell_arms() -> AsyncGenerator[Sequence[Arm]]:
    """Yield a cell of an open session."""
    async with LocalSandbox() as sandbox:
        try:
            session = await sandbox.open_session()
        except SandboxUnavailable as missing:
            raise ArmUnavailable(str(missing)) from missing
        async with session:
            # Its callers take turns, so this is the rate of cells back to back.
            yield [Arm(name="session cell", run=lambda: _cell(session), parallel=lambda: _cell(session))]


@asynccontextmanager
async def start_arms() -> AsyncGenerator[Sequence[Arm]]:
    """Yield the first run of a new sandbox: build the jail, test it, run, and take it down."""

    async def first_run() -> None:
        async with LocalSandbox(max_concurrent=1) as sandbox:
            await succeed(sandbox)

    yield [Arm(name="new sandbox, one run", run=first_run, every=10)]


OURS: Final[dict[str, Opener]] = {
    BARE: bare_arms,
    "runs": run_arms,
    "session cell": cell_arms,
    "new sandbox": start_arms,
}


async def succeed(sandbox: LocalSandbox, code: str = "pass", limits: Limits | None = None) -> None:
    """Run `code`.

    Raises:
        SandboxCrashed: it did not succeed, so its time means nothing.
    """
    execution = await sandbox.run_code(code, limits=limits)
    if not execution.success:
        raise SandboxCrashed(f"{code!r} ended otherwise: {execution!r}")


async def start(command: Sequence[str]) -> None:
    """Run a command to its end, blocking: that is quicker than asyncio's way, and the best is compared."""
    _start(command)


async def start_in_thread(command: Sequence[str]) -> None:
    """Run a command to its end while others do the same."""
    await asyncio.to_thread(_start, command)


def _start(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)  # noqa: S603  # the caller's own


async def _cell(session: Session) -> None:
    execution = await session.run_code("pass")
    if not execution.success:
        raise SandboxCrashed(f"a cell ended otherwise: {execution!r}")
