"""LambdaPrimitive: a function as a step; called with the data, and with the context if it asks for it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Coroutine
from inspect import Parameter, Signature
from typing import Any, Final, cast, final, overload

from .context import WorkflowContext
from .errors import CompositionError
from .primitive import In, Out, WorkflowPrimitive

_NAMES: Final = frozenset({"context", "ctx", "_context"})
_ANNOTATION: Final = re.compile(r"\bWorkflowContext\b")


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
        self._is_async = inspect.iscoroutinefunction(function)
        self.uses_context = takes_context(function)
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

    def _execute(self, data: In, context: WorkflowContext) -> Coroutine[Any, Any, Out]:
        if not self._is_async:
            return self._call(data, context)
        begun = self._function(data, context) if self.uses_context else self._function(data)
        return cast("Coroutine[Any, Any, Out]", begun)

    async def _call(self, data: In, context: WorkflowContext) -> Out:
        """Call what is no async function, and await what it returns if it has to be awaited."""
        result = self._function(data, context) if self.uses_context else self._function(data)
        if hasattr(result, "__await__") and inspect.isawaitable(result):  # the second alone is slow to say no
            result = await result
        return result  # type: ignore[return-value]  # the overloads tie Out to the function

    def __repr__(self) -> str:
        return self._name


def takes_context(function: Callable[..., object]) -> bool:
    """Tell `function(data, context)` from `function(data)`.

    The context is a second parameter that is annotated as `WorkflowContext`, or one without a default that is
    named `context`, `ctx` or `_context`.

    Raises:
        CompositionError: it can be called in neither way.
    """
    try:
        signature = inspect.signature(function)
    except ValueError:
        return False  # a built-in without a signature takes the data
    second = _second(signature)
    if second is not None and _is_context(second):
        return True
    if _accepts(signature, 1):
        return False
    if second is not None:
        raise CompositionError(
            f"a step is called as function(data) or function(data, context), and {function!r} requires "
            f"{second.name!r} too; give it a value with functools.partial or a lambda, "
            "or name it 'context' if it is the WorkflowContext"
        )
    raise CompositionError(
        f"a step is called as function(data) or function(data, context), and {function!r} "
        f"takes {signature}; wrap it in a lambda that does"
    )


def _accepts(signature: Signature, count: int) -> bool:
    try:
        signature.bind(*(None,) * count)
    except TypeError:
        return False
    return True


def _second(signature: Signature) -> Parameter | None:
    """Return the parameter that a second positional argument goes to, if the function can be called so."""
    if not _accepts(signature, 2):
        return None
    first, *rest = signature.parameters.values()
    return first if first.kind is Parameter.VAR_POSITIONAL else rest[0]


def _is_context(parameter: Parameter) -> bool:
    if parameter.kind is Parameter.VAR_POSITIONAL:
        return False
    if _ANNOTATION.search(inspect.formatannotation(parameter.annotation)):
        return True
    return parameter.name in _NAMES and parameter.default is Parameter.empty
