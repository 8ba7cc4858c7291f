"""MockPrimitive: a step that does what a test says and remembers its calls."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, TypeGuard, cast, final

from ..core.context import WorkflowContext
from ..core.errors import ConfigurationError
from ..core.function import takes_context
from ..core.primitive import WorkflowPrimitive

SideEffect: TypeAlias = Callable[..., object] | Iterable[object]
"""A function of the input, or of input and context, plain or async; or one output or exception per call."""

_UNSET: Final = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a mock: the input itself, no copy, and the context."""

    data: Any
    context: WorkflowContext


@final
class MockPrimitive(WorkflowPrimitive[Any, Any]):
    """Stands for any step and remembers its calls; say one of `return_value`, `side_effect`, `raise_error`.

    Args:
        name: The name of its span, and in messages.
        return_value: What each call returns; None if nothing else is said.
        side_effect: A function whose output is returned, or a list (any iterable) with what each call in turn
            returns, or raises if it is an exception.
        raise_error: What each call raises.
        idempotent: What the step says of itself.

    Like a real step it starts nothing once the deadline has passed, and it fits every type.
    """

    def __init__(
        self,
        name: str = "mock",
        *,
        return_value: object = _UNSET,
        side_effect: SideEffect | None = None,
        raise_error: Exception | type[Exception] | None = None,
        idempotent: bool | None = None,
    ) -> None:
        given = (return_value is not _UNSET, side_effect is not None, raise_error is not None)
        if sum(given) > 1:
            raise ConfigurationError(
                f"{name!r} was given several of return_value, side_effect and raise_error; give one"
            )
        if raise_error is not None and not _is_error(raise_error):
            raise ConfigurationError(f"the raise_error of {name!r} must be an exception, not {raise_error!r}")
        self._name, self._idempotent = name, idempotent
        self._return_value = None if return_value is _UNSET else return_value
        self._raise_error = raise_error
        self._function, self._script = _parts(name, side_effect)
        self._calls: list[Call] = []

    @property
    def name(self) -> str:
        """The name given."""
        return self._name

    @property
    def idempotent(self) -> bool | None:
        """What was said about it."""
        return self._idempotent

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls so far, oldest first, also those that raised."""
        return tuple(self._calls)

    @property
    def call_count(self) -> int:
        """How often it was called."""
        return len(self._calls)

    def assert_called(self) -> None:
        """Raise AssertionError unless it was called."""
        if not self._calls:
            raise AssertionError(f"{self._name!r} was never called")

    def assert_not_called(self) -> None:
        """Raise AssertionError if it was called."""
        if self._calls:
            raise AssertionError(f"{self._name!r} was called {self._told()}")

    def assert_called_once(self) -> None:
        """Raise AssertionError unless it was called exactly once."""
        if len(self._calls) != 1:
            raise AssertionError(f"{self._name!r} was to be called once and was called {self._told()}")

    def assert_called_with(self, data: object) -> None:
        """Raise AssertionError unless the input of the last call equals `data`."""
        self.assert_called()
        if self._calls[-1].data != data:
            raise AssertionError(
                f"{self._name!r} was last to be called with {data!r} and was called {self._told()}"
            )

    def assert_called_once_with(self, data: object) -> None:
        """Raise AssertionError unless it was called exactly once, with an input that equals `data`."""
        self.assert_called_once()
        self.assert_called_with(data)

    def assert_any_call(self, data: object) -> None:
        """Raise AssertionError unless the input of some call equals `data`."""
        if all(call.data != data for call in self._calls):
            raise AssertionError(
                f"{self._name!r} was to be called with {data!r} and was called {self._told()}"
            )

    async def _execute(self, data: object, context: WorkflowContext) -> object:
        self._calls.append(Call(data=data, context=context))
        if self._raise_error is not None:
            raise self._raise_error
        if self._function is not None:
            return await _called(self._function, data, context)
        return self._return_value if self._script is None else self._next(self._script)

    def _next(self, script: Iterator[object]) -> object:
        """Return what the script has for this call, or raise it."""
        answer = next(script, _UNSET)
        if answer is _UNSET:
            raise ConfigurationError(
                f"the side_effect of {self._name!r} has nothing left for call {len(self._calls)}; add to it"
            )
        if _is_error(answer):
            raise answer
        return answer

    def _told(self) -> str:
        inputs = ", ".join(repr(call.data) for call in self._calls)
        return f"{len(self._calls)} times" + (f": with {inputs}" if inputs else "")

    def __repr__(self) -> str:
        return f"MockPrimitive({self._name!r})"


def _is_error(answer: object) -> TypeGuard[BaseException | type[BaseException]]:
    return isinstance(answer, BaseException) or (
        isinstance(answer, type) and issubclass(answer, BaseException)
    )


def _parts(name: str, side_effect: object) -> tuple[Callable[..., object] | None, Iterator[object] | None]:
    if side_effect is None:
        return None, None
    if callable(side_effect):
        return side_effect, None
    if isinstance(side_effect, str) or not isinstance(side_effect, Iterable):
        raise ConfigurationError(
            f"the side_effect of {name!r} must be a function or a list of outputs and exceptions, "
            f"not {side_effect!r}; use return_value or raise_error for what is always the same"
        )
    return None, iter(cast("Iterable[object]", side_effect))


async def _called(function: Callable[..., object], data: object, context: WorkflowContext) -> object:
    out = function(data, context) if takes_context(function) else function(data)
    return await out if inspect.isawaitable(out) else out
