from __future__ import annotations

import math

import pytest
from pydantic import JsonValue

from tta_dev_primitives.ace.equality import same_value

HUGE = math.factorial(200)


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (1, 1),
        (1, 1.0),
        (0.3, 0.1 + 0.2),
        (0, 1e-13),
        (HUGE, HUGE),
        (math.inf, math.inf),
        (math.nan, math.nan),
        ([1, {"a": 2.0}], [1.0, {"a": 2}]),
    ],
)
def test_equal_values(expected: JsonValue, got: JsonValue) -> None:
    assert same_value(expected, got)


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (10**12, 10**12 + 1),
        (6.6e-34, 0.0),
        (0.0, 1e-9),
        (HUGE, 1.5),
        (1.5, HUGE),
        (HUGE * HUGE, math.inf),
        (math.nan, 1.0),
        (1.0, math.nan),
        (HUGE, math.nan),
        (math.inf, -math.inf),
        (math.inf, 1e308),
        (1, True),
        (0, False),
        ([1], [1, 2]),
        ({"a": 1}, {"b": 1}),
        ("1", 1),
    ],
)
def test_different_values(expected: JsonValue, got: JsonValue) -> None:
    assert not same_value(expected, got)
