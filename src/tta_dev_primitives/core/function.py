"""LambdaPrimitive: a plain or async function as a step."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

from .context import WorkflowContext
from .errors import CompositionError
from .primitive import WorkflowPrimitive

In = TypeVar("In", contravariant=True)
Out = TypeVar("Out", covariant=True)


class LambdaPrimitive(WorkflowPrimitive[In, Out]):
    """Wrap `function(data)` or `function(data, context)`, plain or async, as a step."""

    @overload
    def __init__(self, function: Callable[[In], Awaitable[Out]], *, name: str | None = None) -> None: ...
    @overload
    def __init__(
        self, function: Callable[[In, WorkflowContext], Awaitable[Out]], *, name: str | None = None
    ) -> None: ...
    @overload
    def __init__(self, function: Callable[[In], Out], *, name: str | None = None) -> None: ...
    @overload
    def __init__(
        self, function: Callable[[In, WorkflowContext], Out], *, name: str | None = None
    ) -> None: ...
    def __init__(self, function: Callable[..., object], *, name: str | None = None) -> None:
        if not callable(function):
            raise CompositionError(f"LambdaPrimitive takes a function, not {function!r}")
        self._function = function
        self._takes_context = _takes_context(function)
        self._name: str = name or str(getattr(function, "__name__", type(function).__name__))

    @property
    def name(self) -> str:
        """The function's name, or the one given."""
        return self._name

    async def _execute(self, data: In, context: WorkflowContext) -> Out:
        result = self._function(data, context) if self._takes_context else self._function(data)
        if inspect.isawaitable(result):
            result = await result
        return result  # type: ignore[return-value]  # the overloads tie Out to the function

    def __repr__(self) -> str:
        return self._name


def _takes_context(function: Callable[..., object]) -> bool:
    """Tell `function(data)` from `function(data, context)`; a parameter with a default is not filled."""
    try:
        signature = inspect.signature(function)
    except ValueError:
        return False  # a built-in without a signature takes the data
    for arguments in ((None,), (None, None)):
        try:
            signature.bind(*arguments)
        except TypeError:
            continue
        return len(arguments) > 1
    raise CompositionError(
        f"LambdaPrimitive calls function(data) or function(data, context), and {function!r} "
        f"takes {signature}; wrap it in a lambda that does"
    )
