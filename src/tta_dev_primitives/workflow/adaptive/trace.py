"""Trace: the attempts of one request, seen from between the primitives that make them."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import replace
from time import perf_counter
from typing import Any, Final, final

from ...core.context import WorkflowContext
from ...core.errors import BudgetExceeded, ConfigurationError, StepTimeout
from ...core.primitive import In, Out, WorkflowPrimitive
from ..backoff import Backoff
from ..chosen_errors import Errors, chosen
from ..hedge import HedgePrimitive
from ..retry import RetryPrimitive
from ..timeout import TimeoutPrimitive
from .configuration import LONGEST_PAUSE_S, Configuration
from .request import Attempt

_STEP: Final = "step"
_NOT_ITS_FAULT: Final = (BudgetExceeded, ConfigurationError)
_NEARLY: Final = 0.99
"""A StepTimeout that comes sooner than this share of the timeout is of a primitive further inside."""


class Trace:
    """Gathers the attempts of one request. `path` is where the step stands in a durable run."""

    def __init__(self, *, timeout_s: float, path: str) -> None:
        self.path = path
        self._timeout_s = timeout_s
        self._began = self._ended = perf_counter()
        self._calls = 0
        self._attempts: list[Attempt] = []
        self._telling = True

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """The attempts that ended, or none if the last says nothing about the step."""
        return tuple(self._attempts) if self._telling else ()

    def starts(self) -> None:
        """Begin an attempt."""
        self._began, self._calls = perf_counter(), 0

    def asks(self) -> None:
        """Count a call of the step."""
        self._calls += 1

    def ends(self, error: Exception | None) -> None:
        """End the attempt: it succeeded (None) or raised `error`."""
        now, ended = perf_counter(), self._ended
        self._ended = now
        cut = isinstance(error, StepTimeout) and now - self._began >= _NEARLY * self._timeout_s
        self._telling = not isinstance(error, _NOT_ITS_FAULT)
        self._attempts.append(
            Attempt(
                ok=error is None,
                seconds=self._timeout_s if cut else now - self._began,
                cut=cut,
                error=None if error is None or cut else type(error).__name__,
                calls=max(self._calls, 1),
                pause_s=self._began - ended if self._attempts else 0.0,
            )
        )


TRACE: Final[ContextVar[Trace]] = ContextVar("TRACE")
"""The trace of the request that runs; the tasks of a hedge inherit it."""


def tries(step: WorkflowPrimitive[In, Out], how: Configuration, on: Errors) -> WorkflowPrimitive[In, Out]:
    """Return `step` tried as `how` says; a retry follows errors that `on` names, and timeouts."""
    attempt: WorkflowPrimitive[In, Out] = _Asked(step, name=f"call of {step.name}")
    if how.hedge_after_s is not None:
        attempt = HedgePrimitive(attempt, after_s=how.hedge_after_s)
    timed = TimeoutPrimitive(attempt, timeout_seconds=how.timeout_s)
    attempt = _Attempted(timed, name=f"attempt at {step.name}")
    if not how.retries:
        return attempt
    wanted = chosen(on, "AdaptivePrimitive")
    return RetryPrimitive(
        attempt,
        on=lambda error: isinstance(error, StepTimeout) or wanted(error),
        attempts=how.retries + 1,
        backoff=Backoff(first_s=min(how.backoff_s, LONGEST_PAUSE_S), most_s=LONGEST_PAUSE_S),
    )


class _Between(WorkflowPrimitive[In, Out]):
    """A step around one other that it only watches, called `name`: a span of its name is that step alone."""

    def __init__(self, primitive: WorkflowPrimitive[In, Out], *, name: str) -> None:
        self._primitive, self._name = primitive, name

    @property
    def children(self) -> Mapping[str, WorkflowPrimitive[Any, Any]]:
        return {_STEP: self._primitive}

    @property
    def name(self) -> str:
        return self._name

    def __repr__(self) -> str:
        return repr(self._primitive)


@final
class _Asked(_Between[In, Out]):
    async def _execute(self, data: In, context: WorkflowContext) -> Out:
        trace = TRACE.get()
        trace.asks()
        if (
            context.journal is not None
        ):  # the same place under every configuration, or a resumed run finds nothing
            context = replace(context, path=trace.path)
        return await self._primitive.execute(data, context)


@final
class _Attempted(_Between[In, Out]):
    async def _execute(self, data: In, context: WorkflowContext) -> Out:
        trace = TRACE.get()
        trace.starts()
        try:
            out = await self._primitive.execute(data, context.at(_STEP))
        except Exception as error:
            trace.ends(error)
            raise
        trace.ends(None)
        return out
