"""The part of pytest that self-contained tests use: raises, approx, marks and params, skip and fail.

It stands in for pytest inside the sandbox, where nothing but the standard library is installed. What it does
not offer raises `UnsupportedTests`, as no program can be blamed for it.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, NoReturn, Self

from playbox_blame import UnsupportedTests

Test = Callable[..., object]


class SkippedTest(BaseException):
    """Raised by `skip`; a test that skips itself counts as passed."""


class RaisesContext:
    """What `raises` returns; `value` is the exception once it was raised."""

    def __init__(
        self, expected: type[BaseException] | tuple[type[BaseException], ...], match: str | None
    ) -> None:
        self.expected, self._pattern = expected, match
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
        return self._pattern is None or self.match(self._pattern)

    @property
    def type(self) -> type[BaseException]:
        return type(self.value) if self.value is not None else BaseException

    def match(self, pattern: str) -> bool:
        if not re.search(pattern, str(self.value)):
            raise AssertionError(f"pattern {pattern!r} not found in {str(self.value)!r}")
        return True

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        raise UnsupportedTests(f"what pytest.raises gives has no {name!r} here")


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


class _Param(tuple[Any, ...]):
    """The values of a row that has marks or an id."""

    __slots__ = ()


def param(*values: object, id: str | None = None, marks: object = ()) -> _Param:  # noqa: A002, ARG001
    """Return a row for `mark.parametrize`; its id is ignored."""
    if marks:
        raise UnsupportedTests("pytest.param with marks")
    return _Param(values)


def _as_dict(keys: Sequence[str], row: Any) -> dict[str, object]:  # noqa: ANN401
    values = [row] if len(keys) == 1 and not isinstance(row, _Param) else list(row)
    if len(keys) != len(values):
        raise UnsupportedTests(f"the parametrize row {row!r} does not fit the names {list(keys)!r}")
    return dict(zip(keys, values, strict=True))


def _skipped(test: Test) -> Test:
    test.playbox_skip = True  # type: ignore[attr-defined]
    return test


class _Mark:
    """Marks that change how tests run; every other mark is ignored."""

    def parametrize(
        self, names: str | Sequence[str], rows: Iterable[Any], *, indirect: object = False, **_: object
    ) -> Callable[[Test], Test]:
        if indirect:
            raise UnsupportedTests("mark.parametrize with indirect, as there are no fixtures")
        text = names.strip(", ").split(",") if isinstance(names, str) else names
        keys = [name.strip() for name in text]

        def decorate(test: Test) -> Test:
            before: list[dict[str, object]] = getattr(test, "playbox_rows", [{}])
            new = [_as_dict(keys, row) for row in rows]
            test.playbox_rows = [{**old, **row} for row in new for old in before]  # type: ignore[attr-defined]
            return test

        rows = list(rows)
        return decorate

    def skip(self, test: Test | str = "", *, reason: str = "") -> Any:  # noqa: ANN401, ARG002
        return _skipped(test) if callable(test) else _skipped

    def skipif(self, condition: object, *_: object, **__: object) -> Callable[[Test], Test]:
        if isinstance(condition, str):
            raise UnsupportedTests("mark.skipif with a condition that is text")
        return _skipped if condition else lambda test: test

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name in {"xfail", "usefixtures"}:
            raise UnsupportedTests(f"there is no mark.{name}")

        def ignore(*args: Any, **_: object) -> Any:  # noqa: ANN401
            return args[0] if len(args) == 1 and callable(args[0]) else lambda test: test

        return ignore


mark = _Mark()


def __getattr__(name: str) -> NoReturn:
    if name.startswith("__"):
        raise AttributeError(name)
    raise UnsupportedTests(f"there is no pytest.{name}")


def main(*_: object, **__: object) -> int:
    """Do nothing: the tests are run anyway."""
    return 0


def skip(reason: str = "") -> None:
    """End the test as skipped."""
    raise SkippedTest(reason)


def fail(reason: str = "") -> None:
    """End the test as failed."""
    raise AssertionError(reason)
