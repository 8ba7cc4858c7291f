"""Ctrl-C and SIGTERM: cancel the work, let it clean up, and say so."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeVar

T = TypeVar("T")

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Interrupted(Exception):
    """The user or the system stopped the work; `kept` says what was kept."""

    def __init__(self, number: int, kept: str = "") -> None:
        super().__init__("terminated" if number == signal.SIGTERM else "interrupted")
        self.number, self.kept = number, kept


def interruptible(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `work` in an event loop; the first signal cancels it, a second one ends the process at once.

    Raises:
        Interrupted: a signal came; everything that `work` does on cancellation was done.
    """
    return asyncio.run(_guarded(work))


async def _guarded(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    received: list[int] = []
    with _listening(received):
        try:
            return await work()
        except asyncio.CancelledError as error:
            if not received:
                raise
            raise Interrupted(received[0], "; ".join(getattr(error, "__notes__", ()))) from None


@contextmanager
def _listening(received: list[int]) -> Generator[None]:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None  # noqa: S101  # a coroutine runs in a task

    def stop(number: int) -> None:
        received.append(number)
        forget()
        task.cancel()

    def forget() -> None:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)

    with suppress(NotImplementedError):  # Windows: there Ctrl-C stays a KeyboardInterrupt
        for number in _SIGNALS:
            loop.add_signal_handler(number, stop, number)
    try:
        yield
    finally:
        with suppress(NotImplementedError):
            forget()
