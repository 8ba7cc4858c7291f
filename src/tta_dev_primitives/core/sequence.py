"""SequentialPrimitive: steps in a row."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import Any, Final, cast, final

from .context import WorkflowContext
from .primitive import In, Out, WorkflowPrimitive, as_step
from .structure import Shape

_SHAPE: Final = Shape(kind="sequence", operator=">>")


@final
class SequentialPrimitive(WorkflowPrimitive[In, Out]):
    """Steps in a row; nested sequences are flattened, so `(a >> b) >> (c >> d)` has four steps."""

    def __init__(self, first: WorkflowPrimitive[In, Any], *rest: WorkflowPrimitive[Any, Any]) -> None:
        self.steps: tuple[WorkflowPrimitive[Any, Any], ...] = tuple(
            part for step in (first, *rest) for part in _steps(as_step(step, ">>"))
        )
        self._named = tuple((step.name, step) for step in self.steps)
        self._children = {str(number): step for number, step in enumerate(self.steps)}

    @property
    def children(self) -> Mapping[str, WorkflowPrimitive[Any, Any]]:
        """The steps, by position."""
        return self._children

    @property
    def shape(self) -> Shape:
        """Arrows from step to step."""
        return _SHAPE

    def _execute(self, data: In, context: WorkflowContext) -> Coroutine[Any, Any, Out]:
        if context.journal is not None:
            work = self._journaled(data, context)
        elif context.sinks:
            work = self._observed(data, context)
        else:
            work = self._unobserved(data, context)
        return cast("Coroutine[Any, Any, Out]", work)

    async def _journaled(self, value: object, context: WorkflowContext) -> object:
        for label, step in self._children.items():
            value = await step.execute(value, context.at(label))
        return value

    # What `execute` does around each step, spelled out in the two loops: so a chain costs half as much.
    async def _unobserved(self, value: object, context: WorkflowContext) -> object:
        for name, step in self._named:
            if context.deadline is not None:
                context.check_deadline(name)
            value = await step._execute(value, context)  # noqa: SLF001
        return value

    async def _observed(self, value: object, context: WorkflowContext) -> object:
        for name, step in self._named:
            if context.deadline is not None:
                context.check_deadline(name)
            started = context.begin(name)
            try:
                inside = context.inside(started) if step.uses_context else context
                value = await step._execute(value, inside)  # noqa: SLF001
            except BaseException as error:
                context.end(started, error)
                raise
            context.end(started, None)
        return value


def _steps(primitive: WorkflowPrimitive[Any, Any]) -> tuple[WorkflowPrimitive[Any, Any], ...]:
    return primitive.steps if isinstance(primitive, SequentialPrimitive) else (primitive,)
