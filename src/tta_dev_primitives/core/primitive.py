"""WorkflowPrimitive: one typed async step, and the operators that compose it."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import Any, Generic, TypeVar, TypeVarTuple, cast, final

from .context import WorkflowContext
from .errors import CompositionError

In = TypeVar("In", contravariant=True)
Out = TypeVar("Out", covariant=True)
Next = TypeVar("Next")
Other = TypeVar("Other")
Outs = TypeVarTuple("Outs")
Others = TypeVarTuple("Others")


class WorkflowPrimitive(ABC, Generic[In, Out]):
    """A typed async step. Implement `_execute`; callers use `execute`, `>>` and `|`."""

    @property
    def name(self) -> str:
        """The name of the step's span."""
        return type(self).__name__

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
        if not context.sinks:
            return await self._execute(data, context)
        inner = context.enter(self.name)  # `with context.span(...)`, spelled out: it costs half as much
        try:
            out = await self._execute(data, inner)
        except BaseException as error:
            inner.leave(error)
            raise
        inner.leave(None)
        return out

    @abstractmethod
    async def _execute(self, data: In, context: WorkflowContext) -> Out: ...

    def __rshift__(self, then: WorkflowPrimitive[Out, Next]) -> SequentialPrimitive[In, Next]:
        """`a >> b`: feed the output of `a` to `b`."""
        return SequentialPrimitive(self, then)

    def __or__(self, other: WorkflowPrimitive[In, Other]) -> ParallelPrimitive[In, Out, Other]:
        """`a | b`: give both the same input, return both outputs as a tuple."""
        return ParallelPrimitive(self, other)


@final
class SequentialPrimitive(WorkflowPrimitive[In, Out]):
    """Steps in a row; nested sequences are flattened, so `(a >> b) >> c` equals `a >> (b >> c)`."""

    def __init__(self, first: WorkflowPrimitive[In, Any], *rest: WorkflowPrimitive[Any, Any]) -> None:
        self.steps: tuple[WorkflowPrimitive[Any, Any], ...] = tuple(
            part for step in (first, *rest) for part in _steps(_operand(step, ">>"))
        )

    async def _execute(self, data: In, context: WorkflowContext) -> Out:
        value: Any = data
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
            _operand(branch, "|") for branch in branches
        )

    async def _execute(self, data: In, context: WorkflowContext) -> tuple[*Outs]:
        failure: BaseException | None = None
        tasks: list[asyncio.Task[Any]] = []
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(branch.execute(data, context.branch())) for branch in self.branches
                ]
        except BaseExceptionGroup as failures:
            failure = _first_with_notes(failures)
        if failure is not None:  # raised out here, so that its own cause and context stay as they are
            raise failure
        return cast("tuple[*Outs]", tuple(task.result() for task in tasks))

    # Overridden so that `a | b | c`, which is `(a | b) | c`, is one flat tuple of three.
    def __or__(  # type: ignore[override]
        self, other: WorkflowPrimitive[In, Other]
    ) -> ParallelPrimitive[In, *Outs, Other]:
        return ParallelPrimitive(*self.branches, other)

    def __repr__(self) -> str:
        return f"({' | '.join(map(repr, self.branches))})"


def _operand(value: WorkflowPrimitive[In, Out], operator: str) -> WorkflowPrimitive[In, Out]:
    if not isinstance(value, WorkflowPrimitive):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise CompositionError(
            f"{operator} takes primitives, not {value!r}; wrap a function as LambdaPrimitive(function)"
        )
    return value


def _steps(primitive: WorkflowPrimitive[Any, Any]) -> tuple[WorkflowPrimitive[Any, Any], ...]:
    return primitive.steps if isinstance(primitive, SequentialPrimitive) else (primitive,)


def _first_with_notes(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the failure that came first, with the others as notes on it."""
    first, *others = failures.exceptions
    for other in others:
        first.add_note(f"a sibling branch failed too: {type(other).__name__}: {other}")
    return first
