"""WorkflowPrimitive: one typed async step, and the operators that compose it."""

from __future__ import annotations

import asyncio
import inspect
from abc import ABC, ABCMeta, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Generic, TypeAlias, TypeVar, TypeVarTuple, cast, final, overload

from .context import WorkflowContext
from .errors import CompositionError
from .function import takes_context

In = TypeVar("In", contravariant=True)
Out = TypeVar("Out", covariant=True)
New = TypeVar("New")
Next = TypeVar("Next")
Other = TypeVar("Other")
Outs = TypeVarTuple("Outs")

_Operand: TypeAlias = "WorkflowPrimitive[Any, Any] | Callable[..., object]"


class WorkflowPrimitive(ABC, Generic[In, Out]):
    """A typed async step. Implement `_execute`; callers use `execute`, `>>` and `|`."""

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
        inner = context.enter(self.name)  # `with context.span(...)`, spelled out: it costs half as much
        try:
            if context.journal is None or self.children:
                out = await self._execute(data, inner)
            else:
                out = await context.journal.perform(self, data, inner, self._execute)
        except BaseException as error:
            inner.leave(error)
            raise
        inner.leave(None)
        return out

    @abstractmethod
    async def _execute(self, data: In, context: WorkflowContext) -> Out: ...

    @overload
    def __rshift__(self, then: WorkflowPrimitive[Out, Next]) -> SequentialPrimitive[In, Next]: ...
    @overload
    def __rshift__(self, then: Callable[[Out], Awaitable[Next]]) -> SequentialPrimitive[In, Next]: ...
    @overload
    def __rshift__(
        self, then: Callable[[Out, WorkflowContext], Awaitable[Next]]
    ) -> SequentialPrimitive[In, Next]: ...
    @overload
    def __rshift__(self, then: Callable[[Out], Next]) -> SequentialPrimitive[In, Next]: ...
    @overload
    def __rshift__(self, then: Callable[[Out, WorkflowContext], Next]) -> SequentialPrimitive[In, Next]: ...
    def __rshift__(self, then: _Operand) -> SequentialPrimitive[In, Any]:
        """`a >> b`: feed the output of `a` to `b`; each may be a function."""
        return SequentialPrimitive(self, as_step(then, ">>"))

    @overload
    def __rrshift__(self, first: Callable[[New], Awaitable[In]]) -> SequentialPrimitive[New, Out]: ...
    @overload
    def __rrshift__(
        self, first: Callable[[New, WorkflowContext], Awaitable[In]]
    ) -> SequentialPrimitive[New, Out]: ...
    @overload
    def __rrshift__(self, first: Callable[[New], In]) -> SequentialPrimitive[New, Out]: ...
    @overload
    def __rrshift__(self, first: Callable[[New, WorkflowContext], In]) -> SequentialPrimitive[New, Out]: ...
    def __rrshift__(self, first: _Operand) -> SequentialPrimitive[Any, Out]:
        return SequentialPrimitive(as_step(first, ">>"), self)

    @overload
    def __or__(self, other: WorkflowPrimitive[In, Other]) -> ParallelPrimitive[In, Out, Other]: ...
    @overload
    def __or__(self, other: Callable[[In], Awaitable[Other]]) -> ParallelPrimitive[In, Out, Other]: ...
    @overload
    def __or__(
        self, other: Callable[[In, WorkflowContext], Awaitable[Other]]
    ) -> ParallelPrimitive[In, Out, Other]: ...
    @overload
    def __or__(self, other: Callable[[In], Other]) -> ParallelPrimitive[In, Out, Other]: ...
    @overload
    def __or__(self, other: Callable[[In, WorkflowContext], Other]) -> ParallelPrimitive[In, Out, Other]: ...
    def __or__(self, other: _Operand) -> ParallelPrimitive[In, Out, Any]:
        """`a | b`: give both the same input, return both outputs as a tuple; each may be a function."""
        return ParallelPrimitive(self, as_step(other, "|"))

    @overload
    def __ror__(self, other: Callable[[In], Awaitable[Other]]) -> ParallelPrimitive[In, Other, Out]: ...
    @overload
    def __ror__(
        self, other: Callable[[In, WorkflowContext], Awaitable[Other]]
    ) -> ParallelPrimitive[In, Other, Out]: ...
    @overload
    def __ror__(self, other: Callable[[In], Other]) -> ParallelPrimitive[In, Other, Out]: ...
    @overload
    def __ror__(self, other: Callable[[In, WorkflowContext], Other]) -> ParallelPrimitive[In, Other, Out]: ...
    def __ror__(self, other: _Operand) -> ParallelPrimitive[In, Any, Out]:
        return ParallelPrimitive(as_step(other, "|"), self)


@final
class LambdaPrimitive(WorkflowPrimitive[In, Out]):
    """Wrap `function(data)` or `function(data, context)`, plain or async, as a step.

    `a >> function` and `a | function` wrap by themselves. Write a lambda so, without this class, as in
    `learner >> (lambda result: result.code_generated)`: mypy infers its parameter from the step before, and
    pyright lets it pass unchecked. A function with annotations is checked by both.

    The context is given to a second parameter that is annotated as `WorkflowContext`, or that has no default
    and is named `context`, `ctx` or `_context`. `idempotent` says whether calling it again does no harm.

    Raises:
        CompositionError: `function` is none, or can be called in neither way.
    """

    @overload
    def __init__(
        self,
        function: Callable[[In], Awaitable[Out]],
        *,
        name: str | None = None,
        idempotent: bool | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        function: Callable[[In, WorkflowContext], Awaitable[Out]],
        *,
        name: str | None = None,
        idempotent: bool | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self, function: Callable[[In], Out], *, name: str | None = None, idempotent: bool | None = None
    ) -> None: ...
    @overload
    def __init__(
        self,
        function: Callable[[In, WorkflowContext], Out],
        *,
        name: str | None = None,
        idempotent: bool | None = None,
    ) -> None: ...
    def __init__(
        self, function: Callable[..., object], *, name: str | None = None, idempotent: bool | None = None
    ) -> None:
        if not callable(function):
            raise CompositionError(f"LambdaPrimitive takes a function, not {function!r}")
        self._function = function
        self._takes_context = takes_context(function)
        self._name: str = name or str(getattr(function, "__name__", type(function).__name__))
        self._idempotent = idempotent

    @property
    def name(self) -> str:
        """The function's name, or the one given."""
        return self._name

    @property
    def function(self) -> Callable[..., object]:
        """The function, as it was given."""
        return self._function

    @property
    def idempotent(self) -> bool | None:
        """What was said about the function."""
        return self._idempotent

    async def _execute(self, data: In, context: WorkflowContext) -> Out:
        result = self._function(data, context) if self._takes_context else self._function(data)
        if inspect.isawaitable(result):
            result = await result
        return result  # type: ignore[return-value]  # the overloads tie Out to the function

    def __repr__(self) -> str:
        return self._name


@final
class SequentialPrimitive(WorkflowPrimitive[In, Out]):
    """Steps in a row; nested sequences are flattened, so `(a >> b) >> c` equals `a >> (b >> c)`."""

    def __init__(self, first: WorkflowPrimitive[In, Any], *rest: WorkflowPrimitive[Any, Any]) -> None:
        self.steps: tuple[WorkflowPrimitive[Any, Any], ...] = tuple(
            part for step in (first, *rest) for part in _steps(as_step(step, ">>"))
        )

    @property
    def children(self) -> Mapping[str, WorkflowPrimitive[Any, Any]]:
        """The steps, by position."""
        return {str(number): step for number, step in enumerate(self.steps)}

    async def _execute(self, data: In, context: WorkflowContext) -> Out:
        value: Any = data
        if context.journal is not None:
            for label, step in self.children.items():
                value = await step.execute(value, context.at(label))
            return cast("Out", value)
        for step in self.steps:
            value = await step.execute(value, context)
        return cast("Out", value)

    def __repr__(self) -> str:
        return f"({' >> '.join(map(repr, self.steps))})"


@final
class ParallelPrimitive(WorkflowPrimitive[In, tuple[*Outs]]):
    """Branches side by side on one input; outputs in branch order.

    `a | b | c` gives one tuple of three; parentheses nest: `a | (b | c)` gives `(of_a, (of_b, of_c))`.
    When a branch fails, its siblings are cancelled and the branch's own exception comes out; failures of
    siblings that happened at the same time are attached to it as notes.
    """

    def __init__(self, *branches: WorkflowPrimitive[In, Any]) -> None:
        self.branches: tuple[WorkflowPrimitive[In, Any], ...] = tuple(
            as_step(branch, "|") for branch in branches
        )

    @property
    def children(self) -> Mapping[str, WorkflowPrimitive[Any, Any]]:
        """The branches, by position."""
        return {str(number): branch for number, branch in enumerate(self.branches)}

    async def _execute(self, data: In, context: WorkflowContext) -> tuple[*Outs]:
        failure: BaseException | None = None
        tasks: list[asyncio.Task[Any]] = []
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(branch.execute(data, context.branch().at(label)))
                    for label, branch in self.children.items()
                ]
        except BaseExceptionGroup as failures:
            failure = _first_with_notes(failures)
        if failure is not None:  # raised out here, so that its own cause and context stay as they are
            raise failure
        return cast("tuple[*Outs]", tuple(task.result() for task in tasks))

    # Overridden so that `a | b | c`, which is `(a | b) | c`, is one flat tuple of three.
    @overload  # type: ignore[override]
    def __or__(self, other: WorkflowPrimitive[In, Other]) -> ParallelPrimitive[In, *Outs, Other]: ...
    @overload
    def __or__(self, other: Callable[[In], Awaitable[Other]]) -> ParallelPrimitive[In, *Outs, Other]: ...
    @overload
    def __or__(
        self, other: Callable[[In, WorkflowContext], Awaitable[Other]]
    ) -> ParallelPrimitive[In, *Outs, Other]: ...
    @overload
    def __or__(self, other: Callable[[In], Other]) -> ParallelPrimitive[In, *Outs, Other]: ...
    @overload
    def __or__(
        self, other: Callable[[In, WorkflowContext], Other]
    ) -> ParallelPrimitive[In, *Outs, Other]: ...
    def __or__(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, other: _Operand
    ) -> ParallelPrimitive[In, *Outs, Any]:
        return ParallelPrimitive(*self.branches, as_step(other, "|"))

    def __repr__(self) -> str:
        return f"({' | '.join(map(repr, self.branches))})"


_I = TypeVar("_I")
_O = TypeVar("_O")
Operand: TypeAlias = (
    WorkflowPrimitive[_I, _O] | Callable[[_I], Awaitable[_O]] | Callable[[_I, WorkflowContext], Awaitable[_O]]
)
"""A step, or an async function that `as_step` makes one; a plain function goes through `LambdaPrimitive`."""


def as_step(value: object, operator: str) -> WorkflowPrimitive[Any, Any]:
    """Return the operand of `operator`, which may be the name of a primitive, as a step; a function wrapped.

    Raises:
        CompositionError: it is neither.
    """
    if isinstance(value, WorkflowPrimitive):
        return value  # pyright: ignore[reportUnknownVariableType]  # its types are the operators' to know
    takes = f"{operator} takes primitives and functions, not"
    if not callable(value):
        raise CompositionError(f"{takes} {value!r}; pass an instance of WorkflowPrimitive, or a function")
    if isinstance(value, ABCMeta) and issubclass(value, WorkflowPrimitive):
        raise CompositionError(f"{takes} the class {value.__name__}; write {value.__name__}(...)")
    return LambdaPrimitive(cast("Callable[[Any], Any]", value))


def _steps(primitive: WorkflowPrimitive[Any, Any]) -> tuple[WorkflowPrimitive[Any, Any], ...]:
    return primitive.steps if isinstance(primitive, SequentialPrimitive) else (primitive,)


def _first_with_notes(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the failure that came first, with the others as notes on it."""
    first, *others = failures.exceptions
    for other in others:
        first.add_note(f"a sibling branch failed too: {type(other).__name__}: {other}")
    return first
