"""Waiting for one's turn, at most until the deadline."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from time import monotonic

from ..core.context import WorkflowContext
from ..core.errors import DeadlineExceeded


@asynccontextmanager
async def until_deadline(context: WorkflowContext, turn: str) -> AsyncGenerator[None]:
    """Cut off what is awaited inside at the context's deadline; `turn` names in a message what it waits for.

    Raises:
        DeadlineExceeded: the deadline passed first.
    """
    cut, since = asyncio.timeout(context.seconds_left()), monotonic()
    try:
        async with cut:
            yield
    except TimeoutError as error:
        if not cut.expired():
            raise
        raise DeadlineExceeded(
            f"the deadline passed after a wait of {monotonic() - since:.3g} s for {turn}"
        ) from error
