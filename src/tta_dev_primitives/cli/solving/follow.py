"""Live progress of one run: a spinner on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from rich.status import Status

from ...core.events import Event, Sink
from ..screen import Screen
from .steps import lines, under_way


@contextmanager
def following(screen: Screen) -> Generator[Sink]:
    """Yield a sink that shows on stderr what a run does."""
    if not screen.err.is_terminal:
        yield lambda event: _plain(event, screen)
        return
    with screen.err.status("starting") as status:
        yield lambda event: _animated(event, screen, status)


def _plain(event: Event, screen: Screen) -> None:
    phrase = under_way(event)
    if phrase is not None and not phrase.startswith(("passed", "reading")):
        screen.tell(phrase)
    screen.tell(*lines(event))


def _animated(event: Event, screen: Screen, status: Status) -> None:
    screen.tell(*lines(event))
    phrase = under_way(event)
    if phrase is not None:
        status.update(phrase)
