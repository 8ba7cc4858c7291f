"""Which exceptions of a step are failures of its own work, from which it may learn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast

from ...core.errors import ConfigurationError, InvalidTask, PlayboxError, StepNotDone

_TEACHING: Final = (InvalidTask, StepNotDone)
"""Of the errors of this package, those that can be; others are outages, limits, halts and wrong wiring."""


def teaches(kind: type[Exception]) -> bool:
    """Tell whether an exception of this type can be a failure of the step's own work."""
    return not issubclass(kind, PlayboxError) or issubclass(kind, _TEACHING)


def is_own(error: Exception, *, seconds_left: float | None) -> bool:
    """Tell whether `error` is of the step's own work: it, what it was raised from, and all that it groups.

    A timeout is not once the deadline has passed: whoever waited may have waited for that.
    """
    late = seconds_left is not None and seconds_left <= 0
    return all(teaches(type(one)) and not (late and isinstance(one, TimeoutError)) for one in _carried(error))


def _carried(error: Exception) -> Iterator[Exception]:
    """Yield the error and those that it carries; what merely came before it (`__context__`) is none."""
    left, seen = [error], set[int]()
    while left:
        one = left.pop()
        if id(one) in seen:  # `raise error from error` is possible
            continue
        seen.add(id(one))
        yield one
        if isinstance(one.__cause__, Exception):
            left.append(one.__cause__)
        if isinstance(one, ExceptionGroup):
            left.extend(cast("ExceptionGroup[Exception]", one).exceptions)


def checked(learn_from: type[Exception] | tuple[type[Exception], ...]) -> tuple[type[Exception], ...]:
    """Return what to learn from; one type may stand alone.

    Raises:
        ConfigurationError: a type of it is no exception, or says nothing about the step's own work.
    """
    kinds = (learn_from,) if isinstance(learn_from, type) else tuple(learn_from)
    for kind in kinds:
        if not (isinstance(kind, type) and issubclass(kind, Exception)):  # pyright: ignore[reportUnnecessaryIsInstance]  # users are not typed
            raise ConfigurationError(f"learn_from={kind!r} is no type of exception, such as ValueError")
        if not teaches(kind):
            raise ConfigurationError(
                f"learn_from={kind.__name__} says nothing about the step's own work, so nothing is learned "
                "from it; leave it out"
            )
    return kinds
