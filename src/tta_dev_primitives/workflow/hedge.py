"""HedgePrimitive: ask a second time when the first answer is slow, and take whichever comes first."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from time import perf_counter
from typing import Any, Final, Generic, TypeVar, final

from ..core.context import WorkflowContext
from ..core.errors import CompositionError
from ..core.events import Event
from ..core.primitive import In, Operand, Out, WorkflowPrimitive, as_step
from . import amounts
from .outcome import Outcome, outcome_of, told, type_of
from .trial import adopt, trial

_STEP: Final = "step"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class HedgeTry(Event):
    """One of the tries that raced ended; `number` 1 started first, the others `started_after_s` later.

    `call` counts the executions of that HedgePrimitive. One that lost was `cancelled` after `seconds`.
    """

    step: str
    call: int
    number: int
    most: int
    outcome: Outcome
    error_type: str
    started_after_s: float
    seconds: float


@final
class HedgePrimitive(WorkflowPrimitive[In, Out]):
    """Run `primitive`; while it has not answered, start it once more every `after_s`, up to `most` in all.

    The first that succeeds wins; the others are cancelled and have ended when this returns. One that fails
    leaves it to those that run; when none runs any more, the error that came first comes out, with the
    others as notes. A failure starts no further try: that is what RetryPrimitive is for.

    Only the winner's changes of the state are kept.

    Args:
        primitive: The step, which must be declared idempotent, as its work may be done `most` times.
        after_s: Seconds. The 95th percentile of the step's durations costs 5 % more calls.
            Source: J. Dean, L. A. Barroso, "The Tail at Scale", CACM 56(2), 2013.
        most: Most tries, the first included.
    """

    def __init__(self, primitive: Operand[In, Out], *, after_s: float, most: int = 2) -> None:
        self._primitive: WorkflowPrimitive[In, Out] = as_step(primitive, "HedgePrimitive")
        if self._primitive.idempotent is not True:
            raise CompositionError(
                f"HedgePrimitive may do the work of {self._primitive!r} twice, which does not say that it is "
                "idempotent; if it is, pass LambdaPrimitive(function, idempotent=True), "
                "or override its property `idempotent`"
            )
        self._after_s = amounts.seconds("after_s", after_s)
        self._most = amounts.count("most", most, least=2)
        self._calls = count(1)

    @property
    def children(self) -> Mapping[str, WorkflowPrimitive[Any, Any]]:
        """The step that is tried."""
        return {_STEP: self._primitive}

    async def _execute(self, data: In, context: WorkflowContext) -> Out:
        failures: list[Exception] = []
        winner: _Won[Out] | None = None
        fatal: BaseException | None = None
        try:
            winner = await self._race(data, context, failures)
        except BaseExceptionGroup as raised:  # no Exception leaves a try, so an exit or the like
            fatal = raised.exceptions[0]
        if fatal is not None:  # raised out here, so that its own cause and context stay as they are
            raise fatal
        if winner is None:
            raise _with_notes(failures)
        adopt(context, winner.context)
        return winner.out

    async def _race(self, data: In, context: WorkflowContext, failures: list[Exception]) -> _Won[Out] | None:
        """Return the first success, or None if all that were started are in `failures`."""
        call, began = next(self._calls), perf_counter()
        running: set[asyncio.Task[_Won[Out] | Exception]] = set()
        winner: _Won[Out] | None = None
        async with asyncio.TaskGroup() as group:
            for number in range(1, self._most + 1):
                started = _Start(call=call, number=number, after_s=perf_counter() - began)
                running.add(group.create_task(self._try(data, context, started)))
                within_s = self._after_s if number < self._most else None
                winner = await _first(running, failures, within_s)
                if winner is not None or not running:
                    break
            for task in running:
                task.cancel()
        return winner

    async def _try(self, data: In, context: WorkflowContext, start: _Start) -> _Won[Out] | Exception:
        """Return what a try gave or raised: an error that left the task would end the others."""
        tried, since = trial(context, _STEP), perf_counter()
        raised: BaseException | None = None
        try:
            return _Won(context=tried, out=await self._primitive.execute(data, tried))
        except Exception as error:  # noqa: BLE001  # raised by the caller unless another try succeeds
            raised = error
            return error
        except BaseException as error:
            raised = error
            raise
        finally:
            if context.sinks:
                context.emit(self._event(start, raised, perf_counter() - since))

    def _event(self, start: _Start, error: BaseException | None, seconds: float) -> HedgeTry:
        return HedgeTry(
            step=self._primitive.name,
            call=start.call,
            number=start.number,
            most=self._most,
            outcome=outcome_of(error),
            error_type=type_of(error),
            started_after_s=start.after_s,
            seconds=seconds,
        )

    def __repr__(self) -> str:
        return f"{self.name}({self._primitive!r}, after_s={self._after_s:g}, most={self._most})"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Start:
    call: int
    number: int
    after_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Won(Generic[_T]):
    context: WorkflowContext
    out: _T


async def _first(
    running: set[asyncio.Task[_Won[_T] | Exception]], failures: list[Exception], within_s: float | None
) -> _Won[_T] | None:
    """Return the first success; None once `within_s` have passed, or when none runs any more."""
    due = None if within_s is None else perf_counter() + within_s
    while running:
        left = None if due is None else max(0.0, due - perf_counter())
        done, _ = await asyncio.wait(running, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            return None
        running -= done
        for task in done:
            answer = task.result()
            if isinstance(answer, _Won):
                return answer
            failures.append(answer)
    return None


def _with_notes(failures: list[Exception]) -> Exception:
    first, *others = failures
    for other in others:
        first.add_note(f"another try failed too: {told(other)}")
    return first
