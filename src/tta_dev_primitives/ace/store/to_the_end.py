"""Blocking work in a thread that is never left in doubt: a cancelled call waits, and says what was stored."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

from .lock import Abandoned

T = TypeVar("T")


async def to_the_end(
    place: str, work: Callable[[threading.Event], T], *, interrupt: Callable[[], None] | None = None
) -> T:
    """Run `work` in a thread; if cancelled, tell it so, wait for it, and note what came of it.

    `interrupt` ends a wait in `work` at which it does not look at its event.
    """
    cancelled = threading.Event()
    future = asyncio.get_running_loop().run_in_executor(None, work, cancelled)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError as error:
        cancelled.set()
        if interrupt is not None:
            await asyncio.shield(asyncio.to_thread(interrupt))
        error.add_note(await settled(place, future))
        raise


async def settled(place: str, future: asyncio.Future[T]) -> str:
    """Wait until `future` is done, whoever cancels the wait, and return what came of it as a note."""
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError:
            continue  # raised by the caller once it is known what was stored
    error = future.exception()
    if error is None:
        return f"{place} was committed completely before the cancellation took effect"
    if isinstance(error, Abandoned):
        return f"nothing was committed to {place}"
    return f"nothing was committed to {place}: {error}"
