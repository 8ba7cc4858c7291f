"""CachePrimitive: remember what a step answered, for a while."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar, cast, final

from cachetools import TTLCache
from cachetools.keys import typedkey

from ..core.context import WorkflowContext
from ..core.errors import (
    BudgetExceeded,
    CompositionError,
    ConfigurationError,
    DeadlineExceeded,
    RunHalted,
    StepTimeout,
)
from ..core.events import Event
from ..core.function import takes_context
from ..core.primitive import In, Operand, Out, WorkflowPrimitive, as_step
from .amounts import count, seconds
from .copies import copies_of
from .until_deadline import until_deadline

_STEP: Final = "step"
_OF_ONE_CALLER: Final = (asyncio.CancelledError, DeadlineExceeded, BudgetExceeded, RunHalted)

_T = TypeVar("_T")
_I = TypeVar("_I")
KeyFunction: TypeAlias = Callable[[_I], Hashable] | Callable[[_I, WorkflowContext], Hashable]
"""Says which inputs have the same answer: those with equal keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheAsked(Event):
    """A cache was asked: `hit`; `miss`, so the step ran; or `joined`, so a call under way was waited for."""

    step: str
    found: Literal["hit", "miss", "joined"]
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheStats:
    """Counts since the cache was made: answers from memory, calls of the step, waits for another's call."""

    hits: int
    misses: int
    joined: int
    entries: int

    @property
    def hit_rate(self) -> float:
        """The share of lookups that made no call of their own, 0 to 1; 0 before the first."""
        asked = self.hits + self.misses + self.joined
        return (self.hits + self.joined) / asked if asked else 0.0


@final
class CachePrimitive(WorkflowPrimitive[In, Out]):
    """Run `primitive`, or return what it answered to an input with the same key less than `ttl_seconds` ago.

    Calls with the same key at the same time share one call of the step. A caller that is cancelled leaves it
    to the others; when the last one is, the step is cancelled. Errors are not kept: who made the call gets
    its error, and those who waited for it share one more call. Everybody gets a copy, so nobody can change
    what another sees. The tenant of the context is part of the key. What the step writes into the
    state is dropped, as it would be missing when the answer comes from memory.

    Args:
        primitive: The step.
        cache_key_fn: Returns the key of an input: everything the answer depends on, hashable.
        ttl_seconds: How long an answer holds.
        max_entries: Most answers kept; the least recently used is dropped.
        frozen: Says that answers are never changed, so that all can share them without a copy.
        clock: Returns seconds.
    """

    def __init__(  # noqa: PLR0913  # each stands alone, and half have defaults
        self,
        primitive: Operand[In, Out],
        *,
        cache_key_fn: KeyFunction[In],
        ttl_seconds: float,
        max_entries: int = 1_000,
        frozen: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._primitive: WorkflowPrimitive[In, Out] = as_step(primitive, "CachePrimitive")
        self._key_fn: Callable[..., Hashable] = _key_function(cache_key_fn)
        self._key_takes_context = takes_context(cache_key_fn)
        ttl, most = seconds("ttl_seconds", ttl_seconds), count("max_entries", max_entries)
        self._kept: TTLCache[Hashable, Callable[[], Out]] = TTLCache(most, ttl, timer=clock)
        self._frozen = frozen
        self._flights: dict[Hashable, _Flight[Out]] = {}
        self._counts = {"hit": 0, "miss": 0, "joined": 0}

    @property
    def children(self) -> Mapping[str, WorkflowPrimitive[Any, Any]]:
        """The step whose answers are kept."""
        return {_STEP: self._primitive}

    def get_stats(self) -> CacheStats:
        """Return how often it was asked, and what came of it."""
        return CacheStats(
            hits=self._counts["hit"],
            misses=self._counts["miss"],
            joined=self._counts["joined"],
            entries=len(self._kept),
        )

    def clear(self) -> None:
        """Forget all answers; calls under way go on and are kept."""
        self._kept.clear()

    async def _execute(self, data: In, context: WorkflowContext) -> Out:
        key, disappointed = self._key(data, context), False
        while True:
            copied = self._kept.get(key)
            if copied is not None:
                self._report("hit", context)
                return copied()
            flight = self._flights.get(key)
            if flight is None or not flight.is_here():
                return await self._lead(key, data, context)
            error = await self._follow(flight, context)
            if error is None:
                return flight.task.result().copied()
            if not _is_of_one_caller(error):
                if disappointed:
                    raise error
                disappointed = True

    async def _lead(self, key: Hashable, data: In, context: WorkflowContext) -> Out:
        self._report("miss", context)
        flight = self._take_off(key, data, context)
        await self._ride(flight)
        return flight.task.result().out

    async def _follow(self, flight: _Flight[Out], context: WorkflowContext) -> BaseException | None:
        """Wait for another's call and return what it raised."""
        self._report("joined", context)
        async with until_deadline(context, f"another call of {self._primitive.name}"):
            await self._ride(flight)
        return asyncio.CancelledError() if flight.task.cancelled() else flight.task.exception()

    def _take_off(self, key: Hashable, data: In, context: WorkflowContext) -> _Flight[Out]:
        task = asyncio.create_task(self._fly(key, data, context.branch().at(_STEP)))
        flight = self._flights[key] = _Flight(task)
        task.add_done_callback(partial(self._land, key, flight))  # before any waiter's: it runs first
        return flight

    async def _fly(self, key: Hashable, data: In, context: WorkflowContext) -> _Answer[Out]:
        out = await self._primitive.execute(data, context)
        copied = self._kept[key] = self._copies(out)
        return _Answer(out=out, copied=copied)

    async def _ride(self, flight: _Flight[Out]) -> None:
        """Wait until the call has ended; whoever leaves last ends it."""
        flight.riders += 1
        try:
            await asyncio.wait([flight.task])
        except asyncio.CancelledError:
            if flight.riders == 1:
                flight.task.cancel()
                await asyncio.wait([flight.task])
            raise
        finally:
            flight.riders -= 1

    def _land(self, key: Hashable, flight: _Flight[Out], task: asyncio.Task[_Answer[Out]]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        if not task.cancelled():
            task.exception()  # seen, also when nobody waits for it any more

    def _key(self, data: In, context: WorkflowContext) -> Hashable:
        key = self._key_fn(data, context) if self._key_takes_context else self._key_fn(data)
        try:
            hash(key)
        except TypeError as error:
            raise ConfigurationError(
                f"cache_key_fn of {self!r} returned {key!r}, which is no key; return a string or a tuple"
            ) from error
        return typedkey(context.tenant, key)  # by type as well, or 1 would answer for True

    def _copies(self, value: _T) -> Callable[[], _T]:
        if self._frozen:
            return lambda: value
        try:
            return copies_of(value)
        except Exception as error:
            raise ConfigurationError(
                f"{self!r} cannot copy the answer, a {type(value).__name__}, for each caller: {error}; "
                "pass frozen=True if nobody changes answers"
            ) from error

    def _report(self, found: Literal["hit", "miss", "joined"], context: WorkflowContext) -> None:
        self._counts[found] += 1
        if context.sinks:
            context.emit(CacheAsked(step=self._primitive.name, found=found, entries=len(self._kept)))

    def __repr__(self) -> str:
        return f"{self.name}({self._primitive!r}, ttl_seconds={self._kept.ttl:g})"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer(Generic[_T]):
    out: _T
    copied: Callable[[], _T]


class _Flight(Generic[_T]):
    """A call of the step that any number of callers wait for."""

    def __init__(self, task: asyncio.Task[_Answer[_T]]) -> None:
        self.task = task
        self.riders = 0

    def is_here(self) -> bool:
        """Tell whether the running event loop is the one that makes the call."""
        return self.task.get_loop() is asyncio.get_running_loop()


def _is_of_one_caller(error: BaseException) -> bool:
    """Tell what only the caller who led the call ran out of; a StepTimeout is the step's own time."""
    return isinstance(error, _OF_ONE_CALLER) and not isinstance(error, StepTimeout)


def _key_function(function: object) -> Callable[..., Hashable]:
    if not callable(function) or inspect.iscoroutinefunction(function):
        raise CompositionError(
            f"CachePrimitive takes a plain function of the input as cache_key_fn, not {function!r}"
        )
    return cast("Callable[..., Hashable]", function)
