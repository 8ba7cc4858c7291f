"""Connections that stay open between questions: a question by itself opens and closes its own.

Opening one means to read all certificates of the machine, which takes tens of milliseconds of CPU, and to
shake hands with the provider.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Protocol, runtime_checkable

from .types import LanguageModel


@runtime_checkable
class Connected(Protocol):
    """A model that has connections to keep."""

    def connected(self) -> AbstractAsyncContextManager[object]:
        """Keep them open until the block ends; it may be entered several times over."""
        ...


@asynccontextmanager
async def kept_open(models: Iterable[LanguageModel]) -> AsyncGenerator[None]:
    """Keep the connections of `models` open until the block ends, in this event loop alone."""
    async with AsyncExitStack() as stack:
        for model in {id(model): model for model in models}.values():
            if isinstance(model, Connected):
                await stack.enter_async_context(model.connected())
        yield
