"""SwitchPrimitive: one of several steps, by a key; what has no case passes through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar, cast, final, overload

from ..core.context import WorkflowContext
from ..core.errors import CompositionError
from ..core.primitive import In, Operand, Out, PlainOperand, WorkflowPrimitive, as_step, as_steps
from ..core.structure import Shape
from .routing import Decision, follow, key_of

_I = TypeVar("_I")
_O = TypeVar("_O")
_DEFAULT: Final = "default"


@final
class SwitchPrimitive(WorkflowPrimitive[In, Out]):
    """Run the case whose key the selector gives for the input, or else `default`.

    Without `default`, an input whose key has no case passes through; where that would be a mistake, take
    RouterPrimitive. The selector is a function of the input, or of input and context, plain or async, or a
    primitive, and returns a string.
    """

    @overload
    def __init__(
        self, selector: Decision[In, str], cases: Mapping[str, Operand[In, Out]], default: Operand[In, Out]
    ) -> None: ...
    @overload
    def __init__(
        self: SwitchPrimitive[_I, _I | _O],
        selector: Decision[_I, str],
        cases: Mapping[str, Operand[_I, _O]],
        default: None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        selector: Decision[In, str],
        cases: Mapping[str, PlainOperand[In, Out]],
        default: PlainOperand[In, Out],
    ) -> None: ...
    @overload
    def __init__(
        self: SwitchPrimitive[_I, _I | _O],
        selector: Decision[_I, str],
        cases: Mapping[str, PlainOperand[_I, _O]],
        default: None = None,
    ) -> None: ...
    def __init__(self, selector: object, cases: Mapping[str, object], default: object = None) -> None:
        self._selector = as_step(selector, "the selector of SwitchPrimitive")
        self._children = as_steps(cases, "cases of SwitchPrimitive")
        self._default: str | None = None
        if default is not None:
            if _DEFAULT in self._children:
                raise CompositionError(
                    "SwitchPrimitive has a case named 'default' and a default; rename the case"
                )
            self._children[_DEFAULT] = as_step(default, "SwitchPrimitive")
            self._default = _DEFAULT

    @property
    def children(self) -> Mapping[str, WorkflowPrimitive[Any, Any]]:
        """The cases by key, and `default` if there is one."""
        return self._children

    @property
    def shape(self) -> Shape:
        """The selector, with an arrow for each case."""
        otherwise = "" if self._default else "otherwise"
        return Shape(kind="choice", title=self._selector.name, otherwise=otherwise)

    async def _execute(self, data: In, context: WorkflowContext) -> Out:
        key = await key_of(self._selector, data, context, self.name)
        route = key if key in self._children else self._default
        return cast("Out", await follow(self, route, data, context))

    def __repr__(self) -> str:
        cases = {key: case for key, case in self._children.items() if key != self._default}
        default = f", default={self._children[self._default]!r}" if self._default else ""
        return f"{self.name}({self._selector!r}, {cases!r}{default})"
