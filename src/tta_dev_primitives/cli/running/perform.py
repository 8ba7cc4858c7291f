"""Run one program and tell how it went."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...core.errors import ConfigurationError
from ...core.given import hidden_values
from ...sandbox.local import LocalSandbox, Packages
from ...sandbox.open import open_sandbox
from ...sandbox.types import Execution, Limits, Sandbox
from ..exits import ExitCode
from ..interrupts import interruptible
from ..screen import open_screen
from ..session import Session
from .order import Program, Wishes
from .report import document, show_execution


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """The sandbox as the command line names it; None is the default."""

    sandbox: str | None
    packages: str | None


def run_program(
    session: Session, program: Program, wishes: Wishes, where: Where, *, as_json: bool
) -> ExitCode:
    """Run the program once; its output becomes ours.

    Raises:
        SandboxError: it could not be run.
        ConfigurationError: the sandbox does not have what is wished for.
    """
    session.secrets.add(hidden_values(program.envs))
    screen, limits = open_screen(as_json=as_json), wishes.limits()
    sandbox = _sandbox(session, wishes, where)
    execution = interruptible(lambda: _run(sandbox, program, limits))
    if as_json:
        screen.document(document(execution))
    else:
        show_execution(execution, limits, screen)
    return ExitCode.OK if execution.success else ExitCode.FAILED


async def _run(sandbox: Sandbox, program: Program, limits: Limits) -> Execution:
    try:
        return await sandbox.run_code(
            program.code,
            language=program.language,
            files=program.files,
            envs=program.envs,
            limits=limits,
        )
    finally:
        await sandbox.aclose()


def _sandbox(session: Session, wishes: Wishes, where: Where) -> Sandbox:
    settings = session.settings()
    if where.sandbox is None and where.packages is None and session.sandbox is not None:
        return session.sandbox
    name = where.sandbox or settings.sandbox
    if name == "local":
        return LocalSandbox(packages=_packages(where.packages), max_concurrent=1)
    only_here = [*wishes.of_this_machine(), *([] if where.packages is None else ["--packages"])]
    if only_here:
        raise ConfigurationError(f"{only_here[0]} needs the sandbox 'local'; {name!r} has a fixed size")
    return open_sandbox(name, settings)


def _packages(name: str | None) -> Packages:
    if name is None or name == "stdlib":
        return Packages.stdlib()
    return Packages.data() if name == "data" else Packages.of_environment(Path(name))
