"""RetryPrimitive: try a step again while its error is one that can pass."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from itertools import count
from random import Random
from time import perf_counter
from typing import Any, Final, Literal, TypeAlias, final

from ..core.context import WorkflowContext
from ..core.errors import BudgetExceeded, CompositionError, ConfigurationError, RunHalted
from ..core.events import Event
from ..core.primitive import In, Operand, Out, WorkflowPrimitive, as_step
from . import amounts
from .backoff import Backoff
from .cancellation import Cancellation
from .chosen_errors import Errors, chosen
from .outcome import Outcome, outcome_of, told, type_of
from .retry_after import carried_retry_after, sane
from .trial import adopt, trial

_STEP: Final = "step"
_NEVER: Final = (BudgetExceeded, ConfigurationError, RunHalted)

Ending: TypeAlias = Literal[
    "", "success", "attempts", "on", "deadline", "budget", "retry_after", "cancellation"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryAttempt(Event):
    """A try of a step ended.

    `call` counts the executions of that RetryPrimitive, `attempt` the tries within one; both begin with 1.
    `waited_s` was slept before this try, which itself took `seconds`. `ended_by` is empty if another try
    follows, and else why none does: `success`; `attempts` (none are left); `on` (the error is not to be
    retried); `deadline` or `budget` (not enough is left); `retry_after` (the other side asks for more
    patience than allowed); `cancellation`.
    """

    step: str
    call: int
    attempt: int
    attempts: int
    outcome: Outcome
    error_type: str
    waited_s: float
    seconds: float
    ended_by: Ending


@final
class RetryPrimitive(WorkflowPrimitive[In, Out]):
    """Run `primitive`; when it fails with an error that `on` names, wait and run it again.

    Args:
        primitive: The step. If it says that it is not idempotent, `repeat_non_idempotent=True` must be given.
        on: Exception classes, or a function of the error. Required: retrying a bug only hides it for longer.
            BudgetExceeded, ConfigurationError and RunHalted are never retried.
        attempts: Most tries, the first included.
        backoff: How long to wait between tries.
        retry_after: Returns the seconds that an error asks to wait at least, or None. The default reads its
            `retry_after_s`, or the header Retry-After of its response. The jitter is added, so that not all
            come back at once.
        most_wait_s: An error that asks for a longer wait, in seconds, comes out at once.
        seed: Makes the jitter repeatable.
        sleep: Waits that many seconds; for tests that should not.
        repeat_non_idempotent: Whether a step may be run twice that says it must not.

    The last error comes out itself, with a note on each try before. It comes out at once if the wait would
    pass the context's deadline, or its budget is used up, or if the task was cancelled, however the step
    answered to that. Changes of the state by a failed try are dropped.
    """

    def __init__(  # noqa: PLR0913  # each stands alone, and all but two have defaults
        self,
        primitive: Operand[In, Out],
        *,
        on: Errors,
        attempts: int = 3,
        backoff: Backoff | None = None,
        retry_after: Callable[[Exception], float | None] = carried_retry_after,
        most_wait_s: float = 60.0,
        seed: int | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        repeat_non_idempotent: bool = False,
    ) -> None:
        self._primitive: WorkflowPrimitive[In, Out] = as_step(primitive, "RetryPrimitive")
        if self._primitive.idempotent is False and not repeat_non_idempotent:
            raise CompositionError(
                f"{self._primitive!r} says that it is not idempotent, so running it again could do harm; "
                "retry the parts of it that are, or pass repeat_non_idempotent=True"
            )
        self._on = chosen(on, "RetryPrimitive")
        self._attempts = amounts.count("attempts", attempts)
        self._backoff = backoff or Backoff()
        self._retry_after = retry_after
        self._most_wait_s = amounts.seconds("most_wait_s", most_wait_s)
        self._random = Random(seed)  # noqa: S311  # spreads load, guards nothing
        self._sleep = sleep
        self._calls = count(1)

    @property
    def children(self) -> Mapping[str, WorkflowPrimitive[Any, Any]]:
        """The step that is tried."""
        return {_STEP: self._primitive}

    async def _execute(self, data: In, context: WorkflowContext) -> Out:
        call = _Call(
            step=self._primitive.name, call=next(self._calls), attempts=self._attempts, context=context
        )
        while True:
            tried = trial(context, _STEP)
            call.starts()
            try:
                out = await self._primitive.execute(data, tried)
            except Exception as error:
                wait, ending = self._next(error, call, context)
                call.ends(error, ending)
                if ending:
                    raise
            except BaseException as error:
                call.ends(error, "cancellation")
                raise
            else:
                call.ends(None, "success")
                adopt(context, tried)
                return out
            await self._sleep(wait)
            call.waited_s = wait

    def _next(self, error: Exception, call: _Call, context: WorkflowContext) -> tuple[float, Ending]:
        """Return the seconds to wait before the next try, and why there is none."""
        if call.cancellation.came():
            return 0.0, "cancellation"
        if isinstance(error, _NEVER) or not self._on(error):
            return 0.0, "on"
        if call.attempt >= self._attempts:
            return 0.0, "attempts"
        if context.budget is not None and context.budget.exhausted:
            return 0.0, "budget"
        asked = sane(self._retry_after(error))
        if asked > self._most_wait_s:
            return 0.0, "retry_after"
        wait = asked + self._backoff.wait_s(call.attempt, self._random)
        left = context.seconds_left()
        return wait, "deadline" if left is not None and wait >= left else ""

    def __repr__(self) -> str:
        return f"{self.name}({self._primitive!r}, attempts={self._attempts})"


class _Call:
    """One execution: counts its tries, reports each, and remembers them for the last error's notes."""

    def __init__(self, *, step: str, call: int, attempts: int, context: WorkflowContext) -> None:
        self._step, self._call, self._attempts, self._context = step, call, attempts, context
        self._notes: list[str] = []
        self._since = 0.0
        self.attempt = 0
        self.waited_s = 0.0
        self.cancellation = Cancellation()

    def starts(self) -> None:
        self.attempt += 1
        self._since = perf_counter()

    def ends(self, error: BaseException | None, ending: Ending) -> None:
        seconds = perf_counter() - self._since
        if self._context.sinks:
            self._context.emit(self._event(error, ending, seconds))
        if error is None:
            return
        if ending:
            for note in self._notes:
                error.add_note(note)
        self._notes.append(f"try {self.attempt} of {self._attempts}, {seconds:.3g} s: {told(error)}")

    def _event(self, error: BaseException | None, ending: Ending, seconds: float) -> RetryAttempt:
        return RetryAttempt(
            step=self._step,
            call=self._call,
            attempt=self.attempt,
            attempts=self._attempts,
            outcome=outcome_of(error),
            error_type=type_of(error),
            waited_s=self.waited_s,
            seconds=seconds,
            ended_by=ending,
        )
