from __future__ import annotations

from typing import Any

import pytest

from tests.core.steps import Add
from tta_dev_primitives import WorkflowContext, run
from tta_dev_primitives.core.errors import CompositionError, RouteUnknown
from tta_dev_primitives.workflow import SwitchPrimitive

from .deciding import Kind, Routes, down, kind, kind_here, kind_later, text_later, up


@pytest.mark.parametrize("selector", [kind, kind_later, kind_here, Kind()])
def test_the_selector_may_be_of_any_form(selector: Kind) -> None:
    step = SwitchPrimitive(selector, {"1": up, "2": down})
    assert run(step, 1) == 2
    assert run(step, 2) == 1


def test_a_key_without_a_case_passes_through_or_takes_the_default() -> None:
    assert run(SwitchPrimitive(kind, {"1": text_later}), 7) == 7
    assert run(SwitchPrimitive(kind, {"1": text_later}, text_later), 7) == "<7>"
    assert run(SwitchPrimitive(kind, {"default": text_later}), 7) == 7


def test_the_selector_sees_the_context() -> None:
    context = WorkflowContext()
    run(SwitchPrimitive(kind_here, {"1": up}), 1, context)
    assert context.state == {"asked": 1}


def test_the_route_is_reported() -> None:
    routes = Routes()
    context = WorkflowContext(sinks=(routes,))
    for data in (1, 7):
        run(SwitchPrimitive(kind, {"1": up}), data, context)
        run(SwitchPrimitive(kind, {"1": up}, down), data, context)
    assert routes.taken == ["1", "1", None, "default"]


def test_a_key_that_is_no_string_is_an_error_and_no_miss() -> None:
    number: Any = up
    step: SwitchPrimitive[int, int] = SwitchPrimitive(number, {"2": up})
    with pytest.raises(RouteUnknown, match="SwitchPrimitive chooses by a string, and up returned 2"):
        run(step, 1)


@pytest.mark.parametrize(
    ("cases", "complaint"),
    [
        ({}, "cases of SwitchPrimitive needs at least one step by name"),
        ({1: up}, "cases of SwitchPrimitive names its steps by strings, not 1; write '1'"),
        ({"a": "text"}, "cases of SwitchPrimitive, at 'a', takes"),
        ({"a": Add}, r"not the class Add; write Add\(\.\.\.\)"),
        ({"?": up}, r"cases of SwitchPrimitive cannot be named '\?'"),
        ([up], "needs at least one step by name, not"),
    ],
)
def test_wrong_cases_are_refused_when_composed(cases: Any, complaint: str) -> None:  # noqa: ANN401  # wrong
    with pytest.raises(CompositionError, match=complaint):
        SwitchPrimitive(kind, cases)


def test_other_mistakes_are_refused_when_composed() -> None:
    with pytest.raises(CompositionError, match="a case named 'default' and a default; rename the case"):
        SwitchPrimitive(kind, {"default": up}, down)
    with pytest.raises(CompositionError, match="the selector of SwitchPrimitive takes"):
        SwitchPrimitive("kind", {"1": up})  # type: ignore[call-overload]


def test_its_text_shows_the_selector_and_the_cases() -> None:
    assert repr(SwitchPrimitive(kind, {"1": up, "2": Add(1) >> down}, up)) == (
        "SwitchPrimitive(kind, {'1': up, '2': Add(1) >> down}, default=up)"
    )
    assert repr(SwitchPrimitive(kind, {"1": up})) == "SwitchPrimitive(kind, {'1': up})"
