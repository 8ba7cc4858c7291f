"""A fingerprint is the same in every process, and different for every other value."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePosixPath
from typing import NamedTuple, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, HttpUrl, SecretStr

from tta_dev_primitives.core.errors import NotKeepable
from tta_dev_primitives.workflow.durable.fingerprint import fingerprint

from .forking import ENVIRONMENT

UNHURRIED = settings(deadline=None, max_examples=50)


class Pair(NamedTuple):
    a: int
    b: int


class Colour(Enum):
    RED = "red"


@dataclass
class Point:
    x: int


class Model(BaseModel):
    x: int


DIFFERENT: tuple[object, ...] = (
    None,
    False,
    0,
    0.0,
    -0.0,
    "",
    "0",
    b"",
    b"0",
    list[int](),
    (),
    dict[str, int](),
    set[int](),
    frozenset[int](),
    [list[int]()],
    [()],
    {"": list[int]()},
    {"": ["tuple", list[int]()]},
    {0: 1},
    {"0": 1},
    {"x": 1},
    OrderedDict[str, int](x=1),
    Point(1),
    Model(x=1),
    Pair(1, 2),
    (1, 2),
    [1, 2],
    {1, 2},
    Colour.RED,
    "red",
    Decimal(1),
    Decimal("1.0"),
    1,
    1.0,
    True,
    date(2026, 1, 1),
    datetime(2026, 1, 1, tzinfo=UTC),
    timedelta(1),
    PurePosixPath("a"),
    "a",
    HttpUrl("http://a/"),
    float("nan"),
    float("inf"),
    "\ud800",
)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=2) | st.integers(), inner, max_size=3)
        | st.tuples(inner, inner)
    ),
    max_leaves=8,
)


def test_values_of_other_types_are_different() -> None:
    prints = [fingerprint(value) for value in DIFFERENT]
    assert len(set(prints)) == len(DIFFERENT)


@UNHURRIED
@given(values)
def test_it_depends_on_nothing_but_the_value(value: object) -> None:
    assert fingerprint(reordered(value)) == fingerprint(value)


@UNHURRIED
@given(values, values)
def test_what_differs_in_its_text_differs(one: object, other: object) -> None:
    if fingerprint(one) == fingerprint(other):
        assert text(one) == text(other)


def reordered(value: object) -> object:
    """Return a copy with its mappings the other way round."""
    match value:
        case dict():
            items = cast("dict[object, object]", value).items()
            return {key: reordered(item) for key, item in reversed(items)}
        case list():
            return [reordered(item) for item in cast("list[object]", value)]
        case tuple():
            return tuple(reordered(item) for item in cast("tuple[object, ...]", value))
        case _:
            return value


def text(value: object) -> str:
    """Return what tells values apart by their own account: `repr`, with mappings in order."""
    match value:
        case dict():
            items = cast("dict[object, object]", value).items()
            return f"dict {sorted((text(key), text(item)) for key, item in items)}"
        case list() | tuple():
            return f"{type(value)} {[text(item) for item in cast('list[object]', value)]}"  # pyright: ignore[reportUnknownArgumentType]
        case _:
            return repr(value)


def test_it_is_the_same_under_another_hash_seed() -> None:
    code = (
        "from tta_dev_primitives.workflow.durable.fingerprint import fingerprint;"
        "print(fingerprint({frozenset('abcdef'): {'x', 'y', 'z'}}))"
    )
    prints = {
        subprocess.run(  # noqa: S603  # our own interpreter and text
            [sys.executable, "-c", code],
            env=ENVIRONMENT | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert prints == {fingerprint({frozenset("abcdef"): {"x", "y", "z"}})}


@pytest.mark.parametrize(
    "value",
    [threading.Lock(), object(), iter([1]), SecretStr("a"), lambda: 1, LookupError("x"), {"a": object()}],
)
def test_what_has_no_content_is_refused(value: object) -> None:
    with pytest.raises(NotKeepable, match="pass plain values"):
        fingerprint(value)


def test_what_holds_itself_is_refused() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(NotKeepable, match="holds itself"):
        fingerprint(endless)


def test_a_number_that_cannot_be_written_is_refused() -> None:
    with pytest.raises(NotKeepable, match="pass it as text"):
        fingerprint([10**5000])
