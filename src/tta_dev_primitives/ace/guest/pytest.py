"""The part of pytest that self-contained tests use: raises, approx, mark.parametrize, skip and fail.

It stands in for pytest inside the sandbox, where nothing but the standard library is installed.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

Test = Callable[..., object]


class SkippedTest(BaseException):
    """Raised by `skip`; a test that skips itself counts as passed."""


class RaisesContext:
    """What `raises` returns; `value` is the exception once it was raised."""

    def __init__(
        self, expected: type[BaseException] | tuple[type[BaseException], ...], match: str | None
    ) -> None:
        self.expected, self.match = expected, match
        self.value: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None
    ) -> bool:
        if kind is None:
            raise AssertionError(f"DID NOT RAISE {self.expected!r}")
        if not issubclass(kind, self.expected):
            return False
        self.value = value
        if self.match is not None and not re.search(self.match, str(value)):
            raise AssertionError(f"pattern {self.match!r} not found in {str(value)!r}")
        return True


def raises(
    expected: type[BaseException] | tuple[type[BaseException], ...],
    function: Test | None = None,
    *args: object,
    match: str | None = None,
    **kwargs: object,
) -> RaisesContext:
    """Expect an exception in a `with` block, or from calling `function`."""
    context = RaisesContext(expected, match)
    if function is not None:
        with context:
            function(*args, **kwargs)
    return context


class approx:  # noqa: N801  # pytest's name
    """Equal to a number, or to a list or mapping of numbers, within a tolerance."""

    def __init__(self, expected: Any, rel: float | None = None, abs: float | None = None) -> None:  # noqa: A002, ANN401
        self.expected, self.rel, self.abs = expected, rel, abs

    def __eq__(self, other: object) -> bool:
        return self._close(self.expected, other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"approx({self.expected!r})"

    def _close(self, expected: Any, other: Any) -> bool:  # noqa: ANN401
        if isinstance(expected, Mapping):
            return expected.keys() == other.keys() and all(
                self._close(v, other[k]) for k, v in expected.items()
            )
        if isinstance(expected, Sequence) and not isinstance(expected, str):
            return len(expected) == len(other) and all(map(self._close, expected, other))
        rel, absolute = 1e-6 if self.rel is None else self.rel, 1e-12 if self.abs is None else self.abs
        return math.isclose(expected, other, rel_tol=rel, abs_tol=absolute)


class _Mark:
    """`mark.parametrize` makes rows; every other mark is ignored."""

    def parametrize(
        self, names: str | Sequence[str], rows: Iterable[Any], **_: object
    ) -> Callable[[Test], Test]:
        keys = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)

        def decorate(test: Test) -> Test:
            before: list[dict[str, object]] = getattr(test, "playbox_rows", [{}])
            new = [dict(zip(keys, [row] if len(keys) == 1 else row, strict=True)) for row in rows]
            test.playbox_rows = [{**old, **row} for row in new for old in before]  # type: ignore[attr-defined]
            return test

        return decorate

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def ignore(*args: Any, **_: object) -> Any:  # noqa: ANN401
            return args[0] if len(args) == 1 and callable(args[0]) else lambda test: test

        return ignore


mark = _Mark()


def skip(reason: str = "") -> None:
    """End the test as skipped."""
    raise SkippedTest(reason)


def fail(reason: str = "") -> None:
    """End the test as failed."""
    raise AssertionError(reason)
