"""CircuitBreakerPrimitive: stop asking a service that keeps failing, and notice when it is back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, final

from ..core.context import WorkflowContext
from ..core.errors import BudgetExceeded, CircuitOpen, ConfigurationError, RunHalted
from ..core.events import Event
from ..core.primitive import In, Operand, Out, WorkflowPrimitive, as_step
from . import amounts
from .cancellation import Cancellation
from .chosen_errors import Errors, chosen, no_bug
from .outcome import type_of

_STEP: Final = "step"
_TELLS_NOTHING: Final = (BudgetExceeded, ConfigurationError, RunHalted)


class CircuitState(StrEnum):
    """What a circuit breaker does with a call."""

    CLOSED = "closed"
    """Calls go through."""
    OPEN = "open"
    """Calls are refused."""
    HALF_OPEN = "half-open"
    """One call, the probe, is trying; the others are refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitChanged(Event):
    """A circuit breaker went from one state to another, after `failures` in a row, the last `error_type`."""

    step: str
    was: CircuitState
    now: CircuitState
    failures: int
    error_type: str


@final
class CircuitBreakerPrimitive(WorkflowPrimitive[In, Out]):
    """Run `primitive`, but refuse with CircuitOpen for a while after too many failures in a row.

    When `recovery_seconds` have passed, the next call is let through as a probe, alone: success closes the
    circuit, failure opens it for as long again. A probe that is cancelled, or has no budget, says nothing:
    the next call probes. One that hangs is given up after `recovery_seconds`; put a TimeoutPrimitive inside.

    The state belongs to the instance: all workflows that use the instance share it.

    Args:
        primitive: The step.
        failure_threshold: Failures in a row that open the circuit.
        recovery_seconds: How long to refuse before a probe. CircuitOpen carries what is left of it in
            `retry_after_s`, which a RetryPrimitive around it respects.
        on: Which errors are failures: exception classes, or a function of the error. By default all but bugs,
            as in FallbackPrimitive. Other errors count as an answer, as the service was there to give it.
        clock: Returns seconds.
    """

    def __init__(
        self,
        primitive: Operand[In, Out],
        *,
        failure_threshold: int = 5,
        recovery_seconds: float = 30.0,
        on: Errors = no_bug,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._primitive: WorkflowPrimitive[In, Out] = as_step(primitive, "CircuitBreakerPrimitive")
        self._threshold = amounts.count("failure_threshold", failure_threshold)
        self._recovery_s = amounts.seconds("recovery_seconds", recovery_seconds)
        self._on = chosen(on, "CircuitBreakerPrimitive")
        self._clock = clock
        self._state = CircuitState.CLOSED
        self._failures = 0
        self._since = 0.0  # of the state, by the clock
        self._period = 0  # counts changes: what a call tells about an earlier period is old news

    @property
    def children(self) -> Mapping[str, WorkflowPrimitive[Any, Any]]:
        """The step that may be refused."""
        return {_STEP: self._primitive}

    @property
    def state(self) -> CircuitState:
        """Whether calls go through. An open circuit stays so until a call comes after the recovery time."""
        return self._state

    @property
    def failures(self) -> int:
        """Failures since the last success."""
        return self._failures

    async def _execute(self, data: In, context: WorkflowContext) -> Out:
        period = self._admit(context)
        cancellation = Cancellation()
        raised: BaseException | None = None
        try:
            return await self._primitive.execute(data, context.at(_STEP))
        except BaseException as error:
            raised = asyncio.CancelledError() if cancellation.came() else error
            raise
        finally:
            if period == self._period:
                self._learn(raised, context)

    def _admit(self, context: WorkflowContext) -> int:
        """Return the period of a call that may be made; nothing is awaited, so only one becomes the probe."""
        if self._state is not CircuitState.CLOSED:
            left = self._since + self._recovery_s - self._clock()
            if left > 0:
                raise self._refusal(left)
            self._change(CircuitState.HALF_OPEN, context, None)
        return self._period

    def _refusal(self, left: float) -> CircuitOpen:
        what = f"the circuit around {self._primitive!r} opened after {self._failures} failures in a row"
        if self._state is CircuitState.HALF_OPEN:
            return CircuitOpen(f"{what}; one call is trying whether it works again")
        return CircuitOpen(f"{what}; a call is let through in {left:.3g} s", retry_after_s=left)

    def _learn(self, error: BaseException | None, context: WorkflowContext) -> None:
        if isinstance(error, _TELLS_NOTHING) or not isinstance(error, Exception | None):
            if self._state is CircuitState.HALF_OPEN:
                self._change(CircuitState.OPEN, context, error)
                self._since -= self._recovery_s  # the next call is a probe
        elif error is not None and self._on(error):
            self._failures += 1
            if self._state is CircuitState.HALF_OPEN or self._failures >= self._threshold:
                self._change(CircuitState.OPEN, context, error)
        else:
            self._failures = 0
            if self._state is CircuitState.HALF_OPEN:
                self._change(CircuitState.CLOSED, context, None)

    def _change(self, now: CircuitState, context: WorkflowContext, error: BaseException | None) -> None:
        was, self._state, self._since = self._state, now, self._clock()
        self._period += 1
        if context.sinks:
            context.emit(
                CircuitChanged(
                    step=self._primitive.name,
                    was=was,
                    now=now,
                    failures=self._failures,
                    error_type=type_of(error),
                )
            )

    def __repr__(self) -> str:
        return f"{self.name}({self._primitive!r}, failure_threshold={self._threshold})"
