"""Work that may take a while: it can be interrupted, and says on stderr that it goes on."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from threading import Event, Thread
from time import monotonic
from typing import Any, Final, TypeVar

from .interrupts import interruptible
from .screen import Screen, open_screen

T = TypeVar("T")

SPINNER_S: Final = 1.0
LINE_S: Final = 30.0
"""A terminal shows a spinner after a second; a log gets a line each half a minute."""


def patiently(doing: str, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `work`, and tell that it goes on; `doing` says what, such as "checking every row".

    Raises:
        Interrupted: a signal came; see `interruptible`.
    """
    with going_on(doing, open_screen()):
        return interruptible(work)


@contextmanager
def going_on(
    doing: str, screen: Screen, *, spinner_s: float = SPINNER_S, line_s: float = LINE_S
) -> Generator[None]:
    """Tell on stderr that `doing` goes on, once it has taken long, until the block is left."""
    done = Event()
    tell = _spin if screen.err.is_terminal else _log
    teller = Thread(
        target=tell, args=(doing, screen, done, spinner_s if tell is _spin else line_s), daemon=True
    )
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


def _spin(doing: str, screen: Screen, done: Event, after_s: float) -> None:
    if not done.wait(after_s):
        with screen.err.status(doing):
            done.wait()


def _log(doing: str, screen: Screen, done: Event, every_s: float) -> None:
    began = monotonic()
    while not done.wait(every_s):
        screen.tell(f"{doing}: {monotonic() - began:.0f} s so far")
