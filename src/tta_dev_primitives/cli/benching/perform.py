"""Measure, and show the result and meanwhile how far it is."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from ...sandbox.local import Packages
from ..exits import ExitCode
from ..interrupts import interruptible
from ..screen import Screen, open_screen
from .arms import OURS
from .measure import measure
from .plan import Plan
from .rounds import Progress
from .table import document, lines

_FIRST_LINE_S: Final = 2.0
_NEXT_LINE_S: Final = 10.0


def bench(rounds: int, *, as_json: bool) -> ExitCode:
    """Measure the sandbox on this machine and show the figures.

    Raises:
        SandboxError: it does not work here.
    """
    screen = open_screen(as_json=as_json)
    with progress(screen) as told:
        report = interruptible(
            lambda: measure(OURS, {"standard library": Packages.stdlib()}, Plan(rounds=rounds), told)
        )
    if as_json:
        screen.document(document(report))
    else:
        screen.show(*lines(report))
    return ExitCode.OK


@contextmanager
def progress(screen: Screen) -> Generator[Progress]:
    """Yield what shows progress on stderr: a spinner on a terminal, elsewhere a line now and then."""
    if screen.err.is_terminal:
        with screen.err.status("starting") as status:
            yield status.update
        return
    due = time.monotonic() + _FIRST_LINE_S

    def told(phrase: str) -> None:
        nonlocal due
        if time.monotonic() >= due:
            due = time.monotonic() + _NEXT_LINE_S
            screen.tell(phrase)

    yield told
