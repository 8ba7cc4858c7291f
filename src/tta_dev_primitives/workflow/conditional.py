"""ConditionalPrimitive: one step or another, by a condition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar, cast, final, overload

from ..core.context import WorkflowContext
from ..core.primitive import In, Operand, Out, PlainOperand, WorkflowPrimitive, as_step
from ..core.structure import Shape
from .routing import Decision, follow

_I = TypeVar("_I")
_O = TypeVar("_O")
_THEN: Final = "then"
_ELSE: Final = "else"


@final
class ConditionalPrimitive(WorkflowPrimitive[In, Out]):
    """Run `then_primitive` if the condition holds for the input, or else `else_primitive`.

    Without `else_primitive` the input passes through. The condition is a function of the input, or of input
    and context, plain or async, or a primitive; like every `if` it takes what it gets as true or false.
    """

    @overload
    def __init__(
        self,
        condition: Decision[In, object],
        then_primitive: Operand[In, Out],
        else_primitive: Operand[In, Out],
    ) -> None: ...
    @overload
    def __init__(
        self: ConditionalPrimitive[_I, _I | _O],
        condition: Decision[_I, object],
        then_primitive: Operand[_I, _O],
        else_primitive: None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        condition: Decision[In, object],
        then_primitive: PlainOperand[In, Out],
        else_primitive: PlainOperand[In, Out],
    ) -> None: ...
    @overload
    def __init__(
        self: ConditionalPrimitive[_I, _I | _O],
        condition: Decision[_I, object],
        then_primitive: PlainOperand[_I, _O],
        else_primitive: None = None,
    ) -> None: ...
    def __init__(self, condition: object, then_primitive: object, else_primitive: object = None) -> None:
        self._condition = as_step(condition, "the condition of ConditionalPrimitive")
        self._children = {_THEN: as_step(then_primitive, "ConditionalPrimitive")}
        if else_primitive is not None:
            self._children[_ELSE] = as_step(else_primitive, "ConditionalPrimitive")

    @property
    def children(self) -> Mapping[str, WorkflowPrimitive[Any, Any]]:
        """`then`, and `else` if there is one."""
        return self._children

    @property
    def shape(self) -> Shape:
        """The condition, with an arrow for each outcome."""
        otherwise = "" if _ELSE in self._children else _ELSE
        return Shape(kind="choice", title=self._condition.name, otherwise=otherwise)

    async def _execute(self, data: In, context: WorkflowContext) -> Out:
        holds = await self._condition.execute(data, context.at("?"))
        route = _THEN if holds else _ELSE if _ELSE in self._children else None
        return cast("Out", await follow(self, route, data, context))

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(map(repr, (self._condition, *self._children.values())))})"
