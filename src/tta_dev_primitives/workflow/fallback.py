"""FallbackPrimitive: when a step fails, the next one does its work."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast, final, overload

from ..core.context import WorkflowContext
from ..core.errors import CompositionError
from ..core.events import Event
from ..core.primitive import In, Operand, Out, WorkflowPrimitive, as_step
from .cancellation import Cancellation
from .chosen_errors import Errors, chosen, no_bug
from .outcome import told
from .trial import adopt, trial

_PRIMARY: Final = "primary"


@dataclass(frozen=True, slots=True, kw_only=True)
class FellBack(Event):
    """`failed` raised an error of `error_type`, so `instead` is tried now, as number `number` of `steps`."""

    failed: str
    error_type: str
    instead: str
    number: int
    steps: int


@final
class FallbackPrimitive(WorkflowPrimitive[In, Out]):
    """Run `primary`; if it fails run the first of `fallbacks` on the same input, then the next.

    When all fail, the last error comes out: the one before is its `__context__` and so on, with their
    tracebacks, and a note names each. Changes of the state by a step that failed are dropped.

    Args:
        primary: The step that should do it.
        fallbacks: One or more steps that can do it instead.
        on: Which errors make it go on: exception classes, or a function of the error. By default all but
            bugs: ConfigurationError, NameError, AttributeError and TypeError come out at once. A cancellation
            always does, also as an error that a step makes of it.
    """

    @overload
    def __init__(
        self, primary: Operand[In, Out], fallbacks: Sequence[Operand[In, Out]], *, on: Errors = no_bug
    ) -> None: ...
    @overload
    def __init__(
        self,
        primary: Operand[In, Out],
        fallbacks: Sequence[Operand[In, Out] | Callable[[In], Out] | Callable[[In, WorkflowContext], Out]],
        *,
        on: Errors = no_bug,
    ) -> None: ...
    def __init__(
        self, primary: Operand[In, Out], fallbacks: Sequence[object], *, on: Errors = no_bug
    ) -> None:
        self._children: dict[str, WorkflowPrimitive[In, Out]] = {
            _PRIMARY if not number else f"fallback-{number}": as_step(step, "FallbackPrimitive")
            for number, step in enumerate((primary, *_listed(fallbacks)))
        }
        self._on = chosen(on, "FallbackPrimitive")

    @property
    def children(self) -> Mapping[str, WorkflowPrimitive[Any, Any]]:
        """`primary`, `fallback-1` and so on."""
        return self._children

    async def _execute(self, data: In, context: WorkflowContext) -> Out:
        return await self._from(0, data, context, notes=())

    async def _from(self, number: int, data: In, context: WorkflowContext, *, notes: tuple[str, ...]) -> Out:
        label, step = tuple(self._children.items())[number]
        tried, cancellation = trial(context, label), Cancellation()
        try:
            out = await step.execute(data, tried)
        except Exception as error:
            if number + 1 == len(self._children) or cancellation.came() or not self._on(error):
                for note in notes:
                    error.add_note(note)
                raise
            self._report(number, error, context)
            notes = (*notes, f"before, {step.name} ({label}) failed: {told(error)}")
            # Inside the handler, so that Python makes this error the context of the next.
            return await self._from(number + 1, data, context, notes=notes)
        adopt(context, tried)
        return out

    def _report(self, number: int, error: Exception, context: WorkflowContext) -> None:
        if not context.sinks:
            return
        steps = tuple(self._children.values())
        event = FellBack(
            failed=steps[number].name,
            error_type=type(error).__name__,
            instead=steps[number + 1].name,
            number=number + 2,
            steps=len(steps),
        )
        context.emit(event)

    def __repr__(self) -> str:
        primary, *fallbacks = self._children.values()
        return f"{self.name}({primary!r}, {fallbacks!r})"


def _listed(fallbacks: object) -> Sequence[object]:
    if isinstance(fallbacks, str) or not isinstance(fallbacks, Sequence) or not fallbacks:
        raise CompositionError(f"FallbackPrimitive takes a list of one or more steps, not {fallbacks!r}")
    return cast("Sequence[object]", fallbacks)
