"""Which errors a step around another reacts to: exception classes, or a function that decides."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Final, TypeAlias, cast

from ..core.errors import ConfigurationError, RunHalted

Errors: TypeAlias = type[Exception] | tuple[type[Exception], ...] | Callable[[Exception], bool]
"""As in `except`: a class or a tuple of classes. Or a plain function that says yes or no to an error."""

_BUGS: Final = (ConfigurationError, NameError, AttributeError, TypeError)


def no_bug(error: Exception) -> bool:
    """Tell what went wrong outside from what is wrong in the program, which must not be covered up.

    Bugs are ConfigurationError, NameError, AttributeError and TypeError.
    """
    return not isinstance(error, _BUGS)


def chosen(on: Errors, owner: str) -> Callable[[Exception], bool]:
    """Return the function that says whether `owner` reacts to an error; never to that of a halted run.

    Raises:
        ConfigurationError: `on` names no exception class, or what must not be caught, such as CancelledError.
    """
    if isinstance(on, type):
        return _of_classes((on,), owner)
    if isinstance(on, tuple):
        return _of_classes(cast("tuple[object, ...]", on), owner)
    if not callable(on) or inspect.iscoroutinefunction(on):
        raise ConfigurationError(
            f"{owner} takes on=ConnectionError, on=(ConnectionError, TimeoutError) or "
            f"a plain function of the error, not {on!r}"
        )
    return lambda error: not isinstance(error, RunHalted) and on(error)


def _of_classes(classes: tuple[object, ...], owner: str) -> Callable[[Exception], bool]:
    if not classes or not all(isinstance(one, type) and issubclass(one, Exception) for one in classes):
        raise ConfigurationError(
            f"{owner} takes on= with one or more subclasses of Exception, not {classes!r}; "
            "a cancellation and an interrupt always propagate"
        )
    known = cast("tuple[type[Exception], ...]", classes)
    return lambda error: isinstance(error, known) and not isinstance(error, RunHalted)
