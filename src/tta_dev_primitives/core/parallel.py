"""ParallelPrimitive and ParallelDictPrimitive: branches side by side on one input."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final, Generic, TypeVar, TypeVarTuple, cast, final, overload

from .context import WorkflowContext
from .errors import CompositionError
from .merging import Merge, changes, checked, merged, policy
from .primitive import In, Operand, PlainOperand, WorkflowPrimitive, as_step, as_steps
from .structure import Shape, written

Other = TypeVar("Other")
Value = TypeVar("Value")
Outs = TypeVarTuple("Outs")

_SHAPE: Final = Shape(kind="parallel", operator="|")
_NAMED: Final = Shape(kind="parallel")


@final
class ParallelPrimitive(WorkflowPrimitive[In, tuple[*Outs]]):
    """Branches side by side on one input; outputs in branch order.

    `a | b | c` gives one tuple of three; parentheses nest: `a | (b | c)` gives `(of_a, (of_b, of_c))`.
    When a branch fails, its siblings are cancelled and the branch's own exception comes out; failures of
    siblings that happened at the same time are attached to it as notes.

    Each branch has a shallow copy of the state. When all have returned, `merge` decides what becomes of the
    keys that they set: "discard" drops them; "namespaced" keeps each branch's below its position, as in
    `state["0"]["key"]`; a function of the state before and the changes by label returns what to write.
    """

    def __init__(self, *branches: WorkflowPrimitive[In, Any], merge: Merge = "discard") -> None:
        if not branches:
            raise CompositionError("ParallelPrimitive takes at least one branch, not none")
        self.branches: tuple[WorkflowPrimitive[In, Any], ...] = tuple(
            as_step(branch, "|") for branch in branches
        )
        self.merge: Merge = checked(merge)
        self._children = {str(number): branch for number, branch in enumerate(self.branches)}

    @property
    def children(self) -> Mapping[str, WorkflowPrimitive[Any, Any]]:
        """The branches, by position."""
        return self._children

    @property
    def shape(self) -> Shape:
        """Branches from one input, joined by `|` unless something else than the operator made them."""
        return _SHAPE if self.merge == "discard" else _NAMED

    async def _execute(self, data: In, context: WorkflowContext) -> tuple[*Outs]:
        return cast("tuple[*Outs]", tuple(await side_by_side(self._children, data, context, self.merge)))

    def __repr__(self) -> str:
        if self.merge == "discard":
            return written(self)
        return f"{self.name}({', '.join(map(repr, self.branches))}, merge={policy(self.merge)})"

    # Overridden so that `a | b | c`, which is `(a | b) | c`, is one flat tuple of three.
    @overload  # type: ignore[override]
    def __or__(self, other: Operand[In, Other]) -> ParallelPrimitive[In, *Outs, Other]: ...
    @overload
    def __or__(self, other: PlainOperand[In, Other]) -> ParallelPrimitive[In, *Outs, Other]: ...
    @overload
    def __or__(
        self, other: Mapping[str, Operand[In, Other]]
    ) -> ParallelPrimitive[In, *Outs, dict[str, Other]]: ...
    @overload
    def __or__(
        self, other: Mapping[str, PlainOperand[In, Other]]
    ) -> ParallelPrimitive[In, *Outs, dict[str, Other]]: ...
    def __or__(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, other: object
    ) -> ParallelPrimitive[In, *Outs, Any]:
        return ParallelPrimitive(*self.branches, as_step(other, "|"), merge=self.merge)


@final
class ParallelDictPrimitive(WorkflowPrimitive[In, dict[str, Value]], Generic[In, Value]):
    """Named branches side by side on one input; a dict with the same keys comes out.

    A dict as an operand becomes one: `fetch >> {"title": title, "links": links} >> store`. Failures and
    `merge` are as in `ParallelPrimitive`, the labels being the keys.

    Raises:
        CompositionError: there is no branch, or a key is no string.
    """

    @overload
    def __init__(self, branches: Mapping[str, Operand[In, Value]], *, merge: Merge = "discard") -> None: ...
    @overload
    def __init__(
        self, branches: Mapping[str, PlainOperand[In, Value]], *, merge: Merge = "discard"
    ) -> None: ...
    def __init__(self, branches: Mapping[str, object], *, merge: Merge = "discard") -> None:
        self._children = as_steps(branches, "a dict of steps")
        self.merge: Merge = checked(merge)

    @property
    def children(self) -> Mapping[str, WorkflowPrimitive[Any, Any]]:
        """The branches, by key."""
        return self._children

    @property
    def shape(self) -> Shape:
        """Branches from one input."""
        return _NAMED

    async def _execute(self, data: In, context: WorkflowContext) -> dict[str, Value]:
        outs = await side_by_side(self._children, data, context, self.merge)
        return dict(zip(self._children, outs, strict=True))

    def __repr__(self) -> str:
        if self.merge == "discard":
            return repr(self._children)
        return f"{self.name}({self._children!r}, merge={policy(self.merge)})"


async def side_by_side(
    branches: Mapping[str, WorkflowPrimitive[Any, Any]], data: object, context: WorkflowContext, merge: Merge
) -> list[Any]:
    """Return the outputs of the branches, in their order, once their state is merged."""
    failure: BaseException | None = None
    insides = [
        (context.branch() if branch.uses_context else context).at(label) for label, branch in branches.items()
    ]
    tasks: list[asyncio.Task[Any]] = []
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(branch.execute(data, inside))
                for branch, inside in zip(branches.values(), insides, strict=True)
            ]
    except BaseExceptionGroup as failures:
        failure = _first_with_notes(failures)
    if failure is not None:  # raised out here, so that its own cause and context stay as they are
        raise failure
    if merge != "discard":
        before = context.state
        changed = {
            label: changes(before, inside.state) for label, inside in zip(branches, insides, strict=True)
        }
        context.state.update(merged(merge, before, changed))
    return [task.result() for task in tasks]


def _first_with_notes(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the failure that came first, with the others as notes on it."""
    first, *others = failures.exceptions
    for other in others:
        first.add_note(f"a sibling branch failed too: {type(other).__name__}: {other}")
    return first
