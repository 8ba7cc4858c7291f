"""TimeoutPrimitive: a step gets so much time and no more."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final, final

from ..core.context import WorkflowContext
from ..core.errors import DeadlineExceeded, StepTimeout
from ..core.events import Event
from ..core.primitive import In, Operand, Out, WorkflowPrimitive, as_step
from .amounts import seconds

_STEP: Final = "step"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedOut(Event):
    """A step was cancelled after `seconds`: it may take `timeout_s`, or the deadline came before that."""

    step: str
    timeout_s: float
    seconds: float
    at_deadline: bool


@final
class TimeoutPrimitive(WorkflowPrimitive[In, Out]):
    """Run `primitive` and cancel it after `timeout_seconds`, or at the context's deadline if that is sooner.

    The step sees the earlier of the two as its deadline. After its own time it raises StepTimeout, at the
    context's deadline plain DeadlineExceeded: both are TimeoutErrors too. A TimeoutError of the step itself
    comes out as it is. A step that blocks the event loop cannot be cancelled; if it returns after all, its
    output counts.
    """

    def __init__(self, primitive: Operand[In, Out], *, timeout_seconds: float) -> None:
        self._primitive: WorkflowPrimitive[In, Out] = as_step(primitive, "TimeoutPrimitive")
        self._timeout_s = seconds("timeout_seconds", timeout_seconds)

    @property
    def children(self) -> Mapping[str, WorkflowPrimitive[Any, Any]]:
        """The step that gets so much time."""
        return {_STEP: self._primitive}

    async def _execute(self, data: In, context: WorkflowContext) -> Out:
        inner = context.with_timeout(self._timeout_s)
        cut, since = asyncio.timeout(inner.seconds_left()), monotonic()
        try:
            async with cut:
                return await self._primitive.execute(data, inner.at(_STEP))
        except TimeoutError as error:
            if not (cut.expired() or _ran_out(error, inner)):
                raise
            raise self._exceeded(context, inner, monotonic() - since) from error

    def _exceeded(self, context: WorkflowContext, inner: WorkflowContext, took_s: float) -> DeadlineExceeded:
        step, at_deadline = self._primitive.name, inner.deadline == context.deadline
        if context.sinks:
            context.emit(
                TimedOut(step=step, timeout_s=self._timeout_s, seconds=took_s, at_deadline=at_deadline)
            )
        if at_deadline:
            return DeadlineExceeded(f"the deadline passed {took_s:.3g} s after {step} had started")
        return StepTimeout(
            f"{step} may take {self._timeout_s:g} s and was cancelled after {took_s:.3g} s; "
            "give it more with timeout_seconds, or put a RetryPrimitive or a FallbackPrimitive around"
        )

    def __repr__(self) -> str:
        return f"{self.name}({self._primitive!r}, timeout_seconds={self._timeout_s:g})"


def _ran_out(error: TimeoutError, inner: WorkflowContext) -> bool:
    """Tell whether a step inside could not start because one before it blocked the event loop."""
    left = inner.seconds_left()
    return type(error) is DeadlineExceeded and left is not None and left <= 0
