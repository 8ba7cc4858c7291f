"""SequentialPrimitive: steps in a row."""

from __future__ import annotations

from collections.abc import Mapping
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
        self._children = {str(number): step for number, step in enumerate(self.steps)}

    @property
    def children(self) -> Mapping[str, WorkflowPrimitive[Any, Any]]:
        """The steps, by position."""
        return self._children

    @property
    def shape(self) -> Shape:
        """Arrows from step to step."""
        return _SHAPE

    async def _execute(self, data: In, context: WorkflowContext) -> Out:
        value: Any = data
        if context.journal is not None:
            for label, step in self._children.items():
                value = await step.execute(value, context.at(label))
            return cast("Out", value)
        for step in self.steps:
            value = await step.execute(value, context)
        return cast("Out", value)


def _steps(primitive: WorkflowPrimitive[Any, Any]) -> tuple[WorkflowPrimitive[Any, Any], ...]:
    return primitive.steps if isinstance(primitive, SequentialPrimitive) else (primitive,)
