from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tta_dev_primitives import (
    ParallelDictPrimitive,
    ParallelPrimitive,
    SequentialPrimitive,
    WorkflowPrimitive,
)
from tta_dev_primitives.core import WorkflowContext

from .steps import Add, Show


def fetch(data: int) -> int:
    return data


def latest(state: Mapping[str, object], changes: Mapping[str, Mapping[str, object]]) -> Mapping[str, object]:
    del state
    return list(changes.values())[-1]


class Around(WorkflowPrimitive[int, int]):
    """What any wrapper is to the text: something with steps inside."""

    def __init__(self, **inside: WorkflowPrimitive[int, int]) -> None:
        self._inside = inside

    @property
    def children(self) -> Mapping[str, WorkflowPrimitive[Any, Any]]:
        return self._inside

    async def _execute(self, data: int, context: WorkflowContext) -> int:
        return await self._inside["primitive"].execute(data, context.at("primitive"))


def test_parentheses_show_pythons_precedence() -> None:
    a, b, c = Add(1), Add(2), Add(3)
    assert repr(a >> b | c) == repr((a >> b) | c) == "(Add(1) >> Add(2)) | Add(3)"
    assert repr(a | b >> c) == repr(a | (b >> c)) == "Add(1) | (Add(2) >> Add(3))"
    assert repr((a | b) >> str) == "(Add(1) | Add(2)) >> str"
    assert repr(a | (b | c)) == "Add(1) | (Add(2) | Add(3))"
    branches: dict[str, Any] = {"x": b >> c, "y": fetch}
    assert repr(a >> branches) == "Add(1) >> {'x': Add(2) >> Add(3), 'y': fetch}"


def test_the_text_of_steps_composed_by_operators_can_be_evaluated() -> None:
    inner = Add(1) >> {"x": Add(2), "y": Add(3) >> Add(4)} | Add(5)
    step = inner >> str | (Add(6) | Add(7))
    assert repr(eval(repr(step), {"Add": Add})) == repr(step)  # noqa: S307  # our own text


def test_a_wrapper_shows_what_it_wraps() -> None:
    assert repr(Around(primitive=Add(1))) == "Around(Add(1))"
    assert repr(Around(primitive=Add(1) >> Add(2))) == "Around(Add(1) >> Add(2))"
    assert repr(Around(primitive=Around(primitive=Add(1))) | Add(2)) == "Around(Around(Add(1))) | Add(2)"
    assert repr(Around(primary=Add(1), other=Add(2))) == "Around(primary: Add(1), other: Add(2))"
    assert repr(Show()) == "Show()"


def test_what_no_operator_made_is_shown_by_its_name() -> None:
    alone: SequentialPrimitive[int, int] = SequentialPrimitive(Add(1))
    assert repr(alone) == "SequentialPrimitive(Add(1))"
    single: ParallelPrimitive[int, int] = ParallelPrimitive(Add(1))
    assert repr(single) == "ParallelPrimitive(Add(1))"
    merging: ParallelPrimitive[int, int, int] = ParallelPrimitive(Add(1), Add(2), merge="namespaced")
    assert repr(merging >> str) == "ParallelPrimitive(Add(1), Add(2), merge='namespaced') >> str"
    reduced: ParallelPrimitive[int, int] = ParallelPrimitive(Add(1), merge=latest)
    assert repr(reduced) == "ParallelPrimitive(Add(1), merge=latest)"
    named = ParallelDictPrimitive({"a": Add(1)}, merge="namespaced")
    assert repr(named) == "ParallelDictPrimitive({'a': Add(1)}, merge='namespaced')"
