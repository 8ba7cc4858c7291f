"""Run the demonstration and tell it."""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ...core.context import WorkflowContext
from ...core.errors import ConfigurationError
from ...core.events import Sink
from ...demo.passes import Demo, Demonstration
from ...sandbox.open import open_sandbox
from ...sandbox.types import Sandbox
from ..exits import ExitCode
from ..interrupts import Interrupted, interruptible
from ..screen import Screen, open_screen
from ..session import Session
from ..tracing.keep import traced
from .board import Board
from .document import document
from .live import showing
from .recording import Speaker, speaking
from .report import Ending, show_beginning, show_ending

ENOUGH = 50
"""Percentage points that first-try success must gain."""
_RUN_ID = "demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """The options of `playbox demo`."""

    model: str | None
    keep: Path | None
    verbose: bool


def perform(session: Session, wishes: Wishes, *, as_json: bool) -> ExitCode:
    """Run all passes, show them, and say whether the playbook helped enough."""
    screen, board = open_screen(as_json=as_json), Board()
    with speaking(session, wishes.model) as speaker, _folder(wishes.keep) as folder:
        settings = session.settings()
        sandbox = session.sandbox or open_sandbox(settings.sandbox, settings)
        if not as_json:
            show_beginning(speaker, sandbox.isolation, screen)
        with showing(board, screen, verbose=wishes.verbose) as sink:
            shown = _interruptible(session, speaker, sandbox, folder, (board, sink), screen)
    if as_json:
        screen.document(document(shown, board, speaker, enough=shown.gain >= ENOUGH))
    else:
        show_ending(Ending(shown=shown, board=board, kept=wishes.keep, enough=ENOUGH), screen)
    return ExitCode.OK if shown.gain >= ENOUGH else ExitCode.FAILED


def _interruptible(  # noqa: PLR0913, PLR0917  # what the demonstration is made of
    session: Session,
    speaker: Speaker,
    sandbox: Sandbox,
    folder: Path,
    sinks: tuple[Sink, ...],
    screen: Screen,
) -> Demonstration:
    # A fixed id, so that a replayed demonstration leaves the same playbook every time.
    context = WorkflowContext(
        workflow_id=_RUN_ID, sinks=sinks, budget=session.settings().budget(), secrets=session.secrets
    )
    demo = Demo(model=speaker.model, sandbox=sandbox, folder=folder)

    async def work() -> Demonstration:
        try:
            with traced(context, "playbox demo", session, screen) as inside:
                return await demo.run(inside)
        finally:
            await sandbox.aclose()

    try:
        return interruptible(work)
    except Interrupted as stopped:
        raise Interrupted(stopped.number, "no playbook of yours was touched") from None


@contextmanager
def _folder(keep: Path | None) -> Generator[Path]:
    """Yield an empty folder for the playbooks: learned ones would spoil the first pass."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="playbox-demo-") as folder:
            yield Path(folder)
        return
    if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
        raise ConfigurationError(f"--keep {str(keep)!r} must be an empty folder or a new one")
    keep.mkdir(parents=True, exist_ok=True)
    yield keep
