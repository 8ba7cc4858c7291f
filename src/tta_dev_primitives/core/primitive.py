"""WorkflowPrimitive: one typed async step, and the operators that compose it."""

from __future__ import annotations

from abc import ABC, ABCMeta, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Generic, TypeAlias, TypeVar, cast, final, overload

from .context import WorkflowContext
from .drawing import draw
from .errors import CompositionError
from .structure import WRAPPER, Shape, written

__all__ = [
    "In",
    "LambdaPrimitive",
    "Operand",
    "Out",
    "ParallelDictPrimitive",
    "ParallelPrimitive",
    "PlainOperand",
    "SequentialPrimitive",
    "WorkflowPrimitive",
    "as_step",
    "as_steps",
]

In = TypeVar("In", contravariant=True)
Out = TypeVar("Out", covariant=True)
New = TypeVar("New")
Next = TypeVar("Next")
Other = TypeVar("Other")
_I = TypeVar("_I")
_O = TypeVar("_O")


class WorkflowPrimitive(ABC, Generic[In, Out]):
    """A typed async step. Implement `_execute`; callers use `execute`, `>>` and `|`."""

    uses_context: bool = True
    """Whether `_execute` looks at its context: making one for it costs a third of a span."""

    @property
    def name(self) -> str:
        """The name of the step's span."""
        return type(self).__name__

    @property
    def children(self) -> Mapping[str, WorkflowPrimitive[Any, Any]]:
        """The steps inside, by what each is to this one; empty for a step that does the work itself."""
        return {}

    @property
    def idempotent(self) -> bool | None:
        """Whether running it again does no harm; None if nobody has said so.

        Of a step with steps inside: False if one of them says False, True if all say True.
        """
        inside = [child.idempotent for child in self.children.values()]
        if False in inside:
            return False
        return True if inside and all(inside) else None

    @property
    def shape(self) -> Shape:
        """How `repr` and `to_mermaid` show the steps inside: unless overridden, as wrapped by this one."""
        return WRAPPER

    def to_mermaid(self) -> str:
        """Return the structure as the text of a Mermaid flowchart."""
        return draw(self)

    def __repr__(self) -> str:
        return written(self)

    @final
    async def execute(self, data: In, context: WorkflowContext | None = None) -> Out:
        """Run the step inside its own span; without a context in a fresh one.

        Raises:
            DeadlineExceeded: the context's deadline has passed.
        """
        if context is None:
            context = WorkflowContext()
        if context.deadline is not None:
            context.check_deadline(self.name)
        if not context.sinks and context.journal is None:
            return await self._execute(data, context)
        started = context.begin(self.name)  # `with context.span(...)`, spelled out: it costs half as much
        try:
            inner = context.inside(started) if self.uses_context else context
            if context.journal is None or self.children:
                out = await self._execute(data, inner)
            else:
                out = await context.journal.perform(self, data, inner, self._execute)
        except BaseException as error:
            context.end(started, error)
            raise
        context.end(started, None)
        return out

    @abstractmethod
    def _execute(self, data: In, context: WorkflowContext) -> Coroutine[Any, Any, Out]:
        """Do the work. Every step writes this as `async def`."""

    @overload
    def __rshift__(self, then: Operand[Out, Next]) -> SequentialPrimitive[In, Next]: ...
    @overload
    def __rshift__(self, then: PlainOperand[Out, Next]) -> SequentialPrimitive[In, Next]: ...
    @overload
    def __rshift__(
        self, then: Mapping[str, Operand[Out, Next]]
    ) -> SequentialPrimitive[In, dict[str, Next]]: ...
    @overload
    def __rshift__(
        self, then: Mapping[str, PlainOperand[Out, Next]]
    ) -> SequentialPrimitive[In, dict[str, Next]]: ...
    def __rshift__(self, then: object) -> SequentialPrimitive[In, Any]:
        """`a >> b`: feed the output of `a` to `b`; each may be a function or a dict of steps."""
        return SequentialPrimitive(self, as_step(then, ">>"))

    @overload
    def __rrshift__(self, first: Operand[New, In]) -> SequentialPrimitive[New, Out]: ...
    @overload
    def __rrshift__(self, first: PlainOperand[New, In]) -> SequentialPrimitive[New, Out]: ...
    @overload
    def __rrshift__(
        self: WorkflowPrimitive[dict[str, Other], Out], first: Mapping[str, Operand[New, Other]]
    ) -> SequentialPrimitive[New, Out]: ...
    @overload
    def __rrshift__(
        self: WorkflowPrimitive[dict[str, Other], Out], first: Mapping[str, PlainOperand[New, Other]]
    ) -> SequentialPrimitive[New, Out]: ...
    def __rrshift__(self, first: object) -> SequentialPrimitive[Any, Out]:
        return SequentialPrimitive(as_step(first, ">>"), self)

    @overload
    def __or__(self, other: Operand[In, Other]) -> ParallelPrimitive[In, Out, Other]: ...
    @overload
    def __or__(self, other: PlainOperand[In, Other]) -> ParallelPrimitive[In, Out, Other]: ...
    @overload
    def __or__(
        self, other: Mapping[str, Operand[In, Other]]
    ) -> ParallelPrimitive[In, Out, dict[str, Other]]: ...
    @overload
    def __or__(
        self, other: Mapping[str, PlainOperand[In, Other]]
    ) -> ParallelPrimitive[In, Out, dict[str, Other]]: ...
    def __or__(self, other: object) -> ParallelPrimitive[In, Out, Any]:
        """`a | b`: give both the same input, return both outputs as a tuple; operands as of `>>`."""
        return ParallelPrimitive(self, as_step(other, "|"))

    @overload
    def __ror__(self, other: Operand[In, Other]) -> ParallelPrimitive[In, Other, Out]: ...
    @overload
    def __ror__(self, other: PlainOperand[In, Other]) -> ParallelPrimitive[In, Other, Out]: ...
    @overload
    def __ror__(
        self, other: Mapping[str, Operand[In, Other]]
    ) -> ParallelPrimitive[In, dict[str, Other], Out]: ...
    @overload
    def __ror__(
        self, other: Mapping[str, PlainOperand[In, Other]]
    ) -> ParallelPrimitive[In, dict[str, Other], Out]: ...
    def __ror__(self, other: object) -> ParallelPrimitive[In, Any, Out]:
        return ParallelPrimitive(as_step(other, "|"), self)


Operand: TypeAlias = (
    WorkflowPrimitive[_I, _O] | Callable[[_I], Awaitable[_O]] | Callable[[_I, WorkflowContext], Awaitable[_O]]
)
"""A step, or an async function that `as_step` makes one."""

PlainOperand: TypeAlias = WorkflowPrimitive[_I, _O] | Callable[[_I], _O] | Callable[[_I, WorkflowContext], _O]
"""The same with plain functions. For a second overload: an async function fits it, with a wrong output."""


def as_step(value: object, operator: str) -> WorkflowPrimitive[Any, Any]:
    """Return the operand of `operator`, which may be the name of a primitive, as a step.

    A function is wrapped; a dict becomes a step that runs each of its values and gives a dict.

    Raises:
        CompositionError: it is none of these.
    """
    if isinstance(value, WorkflowPrimitive):
        return value  # pyright: ignore[reportUnknownVariableType]  # its types are the operators' to know
    if isinstance(value, Mapping):
        return ParallelDictPrimitive(cast("Mapping[str, Operand[Any, Any]]", value))
    takes = f"{operator} takes primitives, functions and dicts of them, not"
    if not callable(value):
        raise CompositionError(f"{takes} {value!r}; pass an instance of WorkflowPrimitive, or a function")
    if isinstance(value, ABCMeta) and issubclass(value, WorkflowPrimitive):
        raise CompositionError(f"{takes} the class {value.__name__}; write {value.__name__}(...)")
    return LambdaPrimitive(cast("Callable[[Any], Any]", value))


def as_steps(values: object, what: str) -> dict[str, WorkflowPrimitive[Any, Any]]:
    """Return the values of a dict as steps, each made by `as_step`; `what` names it in an error.

    Raises:
        CompositionError: it is no dict, it is empty, a key is no string, or a value is no operand.
    """
    if not isinstance(values, Mapping) or not values:
        raise CompositionError(f"{what} needs at least one step by name, not {values!r}")
    given = cast("Mapping[object, object]", values)
    for key in given:
        if not isinstance(key, str):
            raise CompositionError(f"{what} names its steps by strings, not {key!r}; write {str(key)!r}")
        if key.startswith("?"):
            raise CompositionError(
                f"{what} cannot be named {key!r}: names with ? stand for what is asked; rename it"
            )
    return {str(key): as_step(value, f"{what}, at {key!r},") for key, value in given.items()}


# Below, because these build on what is above; above they are needed only when something is composed.
from .function import LambdaPrimitive  # noqa: E402
from .parallel import ParallelDictPrimitive, ParallelPrimitive  # noqa: E402
from .sequence import SequentialPrimitive  # noqa: E402
