"""CompensationPrimitive: steps in a row, each with a step that undoes it if a later one fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any, Final, TypeAlias, cast, final

from ..core.context import WorkflowContext
from ..core.errors import CompositionError, PlayboxError, RunHalted
from ..core.events import Event
from ..core.journaling import StepJournal
from ..core.primitive import In, Out, WorkflowPrimitive, as_step
from .amounts import seconds
from .outcome import Outcome, outcome_of, told, type_of

Part: TypeAlias = WorkflowPrimitive[Any, Any] | Callable[..., object]
"""A step or a function."""

_PAIR: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class StepUndone(Event):
    """The step `step` was undone by `undo`, or was not: see `outcome`."""

    step: str
    undo: str
    outcome: Outcome
    error_type: str
    seconds: float


@final
class CompensationPrimitive(WorkflowPrimitive[In, Out]):
    """Run steps in a row, a saga: if one fails or the run is cancelled, undo what was done, last first.

    An undo gets the input that its step got, and the state as it is then, where the step may have left what
    it made. The step that failed is not undone: it must clean up after itself. Then the original error comes
    out, with a note on each undo that failed; one that fails keeps no other from running. Undoing goes on
    when the run is cancelled or out of time, so it has a limit of its own. A durable run that undoes is over:
    it cannot be resumed. One that halts undoes nothing, for somebody has to decide first.

    Args:
        steps: Pairs (step, undo); (step, None) where there is nothing to undo. Each step gets the output of
            the one before.
        undo_timeout_seconds: What each undo may take.
    """

    def __init__(
        self, steps: Sequence[tuple[Part, Part | None]], *, undo_timeout_seconds: float = 30.0
    ) -> None:
        self._pairs = _pairs(steps)
        self._undo_timeout_s = seconds("undo_timeout_seconds", undo_timeout_seconds)

    @property
    def children(self) -> Mapping[str, WorkflowPrimitive[Any, Any]]:
        """The steps by position, and what undoes them, such as `0` and `undo-0`."""
        steps = {str(number): step for number, (step, _) in enumerate(self._pairs)}
        undos = {f"undo-{number}": undo for number, (_, undo) in enumerate(self._pairs) if undo is not None}
        return steps | undos

    async def _execute(self, data: In, context: WorkflowContext) -> Out:
        inputs: list[object] = []
        value: Any = data
        try:
            for number, (step, _) in enumerate(self._pairs):
                given, value = value, await step.execute(value, context.at(str(number)))
                inputs.append(given)
        except RunHalted:
            raise  # somebody has to decide on the run before anything of it is undone
        except (Exception, asyncio.CancelledError) as error:
            if any(undo is not None for _, undo in self._pairs[: len(inputs)]):
                await self._undo(inputs, context, error)
            raise
        return cast("Out", value)

    async def _undo(self, inputs: list[object], context: WorkflowContext, error: BaseException) -> None:
        """Undo to the end; a cancellation that comes meanwhile is raised once all is undone."""
        undoing = asyncio.create_task(self._undo_all(inputs, context, error))
        cancelled: asyncio.CancelledError | None = None
        while not undoing.done():
            try:
                await asyncio.wait([undoing])
            except asyncio.CancelledError as late:
                cancelled = late
        undoing.result()
        if cancelled is not None and not isinstance(error, asyncio.CancelledError):
            raise cancelled

    async def _undo_all(self, inputs: list[object], context: WorkflowContext, error: BaseException) -> None:
        timeless = replace(context, deadline=None)
        if context.journal is not None and not await _noted(context.journal, timeless, error):
            return
        for number, data in reversed(tuple(enumerate(inputs))):
            step, undo = self._pairs[number]
            if undo is None:
                continue
            since = perf_counter()
            failure = await self._undo_one(undo, data, timeless.at(f"undo-{number}"))
            _report(step, undo, failure, perf_counter() - since, context)
            if failure is not None:
                error.add_note(f"undoing {step.name} by {undo.name} failed too: {told(failure)}")

    async def _undo_one(
        self, undo: WorkflowPrimitive[Any, Any], data: object, context: WorkflowContext
    ) -> BaseException | None:
        try:
            async with asyncio.timeout(self._undo_timeout_s):
                await undo.execute(data, context.with_timeout(self._undo_timeout_s))
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  # becomes a note; others must run
            return error
        return None

    def __repr__(self) -> str:
        return f"{self.name}([{', '.join(f'({step!r}, {undo!r})' for step, undo in self._pairs)}])"


async def _noted(journal: StepJournal, context: WorkflowContext, error: BaseException) -> bool:
    """Tell the journal that what it kept will be void, or a later run would take undone steps for done."""
    try:
        await journal.undoing(context, error)
    except PlayboxError as unwritten:
        error.add_note(f"nothing was undone, as the journal could not note it: {told(unwritten)}")
        return False
    return True


def _report(
    step: WorkflowPrimitive[Any, Any],
    undo: WorkflowPrimitive[Any, Any],
    failure: BaseException | None,
    seconds: float,
    context: WorkflowContext,
) -> None:
    if context.sinks:
        context.emit(
            StepUndone(
                step=step.name,
                undo=undo.name,
                outcome=outcome_of(failure),
                error_type=type_of(failure),
                seconds=seconds,
            )
        )


def _pairs(
    steps: object,
) -> tuple[tuple[WorkflowPrimitive[Any, Any], WorkflowPrimitive[Any, Any] | None], ...]:
    owner = "CompensationPrimitive"
    pairs = tuple(cast("Sequence[object]", steps)) if isinstance(steps, Sequence) else ()
    if not pairs:
        raise CompositionError(f"{owner} takes a list of pairs (step, undo), not {steps!r}")
    for pair in pairs:
        if not isinstance(pair, tuple) or len(cast("tuple[object, ...]", pair)) != _PAIR:
            raise CompositionError(
                f"{owner} takes pairs (step, undo), not {pair!r}; write (step, None) for nothing to undo"
            )
    return tuple(
        (as_step(step, owner), None if undo is None else as_step(undo, owner))
        for step, undo in cast("tuple[tuple[object, object], ...]", pairs)
    )
