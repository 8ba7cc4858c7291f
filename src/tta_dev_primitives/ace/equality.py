"""When what a program gave back is what was expected: values as JSON, text but for blanks at line ends."""

from __future__ import annotations

import math
from itertools import zip_longest

from pydantic import JsonValue

_RELATIVE = 1e-9
_NEAR_ZERO = 1e-12
"""Nothing is relatively close to 0, so this absolute distance counts there; pytest.approx takes the same."""


def same_value(expected: JsonValue, got: JsonValue) -> bool:
    """Compare JSON values: integers exactly, floats within a relative 1e-9, NaN is NaN, True is not 1."""
    if isinstance(expected, bool) or isinstance(got, bool):
        return expected is got
    if isinstance(expected, int | float) and isinstance(got, int | float):
        return _same_number(expected, got)
    if isinstance(expected, list) and isinstance(got, list):
        return len(expected) == len(got) and all(map(same_value, expected, got))
    if isinstance(expected, dict) and isinstance(got, dict):
        return expected.keys() == got.keys() and all(same_value(v, got[k]) for k, v in expected.items())
    return expected == got


def _same_number(expected: float, got: float) -> bool:
    if isinstance(expected, int) and isinstance(got, int):
        return expected == got
    try:
        if math.isnan(expected):
            return math.isnan(got)
        return math.isclose(expected, got, rel_tol=_RELATIVE, abs_tol=0.0 if expected else _NEAR_ZERO)
    except OverflowError:  # an integer that is beyond every float
        return False


def same_text(expected: str, got: str) -> bool:
    """Compare printed text, but for white space at line ends and blank lines around it."""
    return _lines(expected) == _lines(got)


def share_of_equal_lines(expected: str, got: str) -> float:
    """Return how many lines of the longer text are the same in both, 0..1."""
    equal = [left == right for left, right in zip_longest(_lines(expected), _lines(got))]
    return equal.count(True) / max(len(equal), 1)


def _lines(text: str) -> list[str]:
    # Not splitlines, for which a form feed or a Unicode separator is as good as a line break.
    return [line.rstrip() for line in text.strip().split("\n")]
