"""Make an environment, write it, check it, and tell about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...bench.environments import Environment, make_environment
from ...bench.environments.checking import Checked, check
from ...sandbox.open import open_sandbox
from ...sandbox.types import Sandbox
from ..exits import ExitCode
from ..interrupts import interruptible
from ..screen import Screen, open_screen
from ..session import Session
from .report import check_lines, document, headline, quirks_table, tasks_table
from .write import write


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The environment as the command line names it."""

    seed: int
    train: int
    test: int
    out: Path | None
    check: bool
    reveal: bool


def environments(session: Session, wanted: Wanted, *, as_json: bool) -> ExitCode:
    """Make the environment; a check that fails is told by the exit code too.

    Raises:
        ConfigurationError: there are not so many tasks in it.
        SandboxError: it cannot be checked here.
    """
    screen = open_screen(as_json=as_json)
    environment = make_environment(wanted.seed, train=wanted.train, test=wanted.test)
    written = write(environment, wanted.out) if wanted.out is not None else ()
    checked = _checked(session, environment) if wanted.check else None
    if as_json:
        told = document(environment, checked, reveal=wanted.reveal)
        screen.document({**told, "files": [str(path) for path in written]})
    else:
        _show(screen, environment, checked, wanted)
    return ExitCode.FAILED if checked is not None and checked.broken else ExitCode.OK


def _show(screen: Screen, environment: Environment, checked: Checked | None, wanted: Wanted) -> None:
    screen.show(headline(environment), "", quirks_table(environment))
    if wanted.reveal:
        screen.show("", tasks_table(environment))
    if checked is not None:
        screen.show("", *check_lines(checked))
    if wanted.out is not None:
        screen.show("", f"written to {wanted.out}: train.jsonl and test.jsonl, the library, gold.txt")


def _checked(session: Session, environment: Environment) -> Checked:
    sandbox = session.sandbox or open_sandbox(session.settings().sandbox, session.settings())
    return interruptible(lambda: _check(environment, sandbox))


async def _check(environment: Environment, sandbox: Sandbox) -> Checked:
    try:
        return await check(environment, sandbox)
    finally:
        await sandbox.aclose()
