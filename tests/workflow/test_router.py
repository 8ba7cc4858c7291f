from __future__ import annotations

from typing import Any

import pytest

from tests.core.steps import Add
from tta_dev_primitives import LambdaPrimitive, WorkflowContext, run
from tta_dev_primitives.core.errors import CompositionError, RouteUnknown
from tta_dev_primitives.workflow import ConditionalPrimitive, RouterPrimitive

from .deciding import Kind, Routes, down, is_big, kind, kind_here, kind_later, up
from .steps import Paths


@pytest.mark.parametrize("router_fn", [kind, kind_later, kind_here, Kind()])
def test_the_router_may_be_of_any_form(router_fn: Kind) -> None:
    step = RouterPrimitive({"1": up, "2": down}, router_fn)
    assert run(step, 1) == 2
    assert run(step, 2) == 1


def test_a_name_that_there_is_not_is_an_error_that_names_the_routes() -> None:
    with pytest.raises(
        RouteUnknown, match="kind chose '7', and the routes are '1', '2'; add that route"
    ) as got:
        run(RouterPrimitive({"1": up, "2": down}, kind), 7)
    assert isinstance(got.value, LookupError)


def test_the_default_is_the_name_of_a_route() -> None:
    assert run(RouterPrimitive({"1": up, "2": down}, kind, default="2"), 7) == 6
    assert run(RouterPrimitive({"1": up, "2": down}, kind, "2"), 1) == 2
    with pytest.raises(CompositionError, match="names a route, one of '1', '2', not '3'"):
        RouterPrimitive({"1": up, "2": down}, kind, default="3")


def test_the_route_is_reported() -> None:
    routes = Routes()
    context = WorkflowContext(sinks=(routes,))
    run(RouterPrimitive({"1": up, "2": down}, kind, default="2"), 1, context)
    run(RouterPrimitive({"1": up, "2": down}, kind, default="2"), 7, context)
    assert routes.taken == ["1", "2"]
    assert routes.by == {"RouterPrimitive"}


@pytest.mark.parametrize("routes", [{}, {1: up}, {"?": up}, {"a": None}, {"a": Add}, None])
def test_wrong_routes_are_refused_when_composed(routes: Any) -> None:  # noqa: ANN401  # wrong on purpose
    with pytest.raises(CompositionError, match="routes of RouterPrimitive"):
        RouterPrimitive(routes, kind)


def test_a_name_that_is_no_string_is_an_error() -> None:
    number: Any = up
    step: RouterPrimitive[int, int] = RouterPrimitive({"1": up}, number, default="1")
    with pytest.raises(RouteUnknown, match="RouterPrimitive chooses by a string, and up returned 8"):
        run(step, 7)


def test_its_text_shows_the_routes_and_the_router() -> None:
    assert repr(RouterPrimitive({"1": LambdaPrimitive(up), "2": Add(1) >> down}, kind)) == (
        "RouterPrimitive({'1': up, '2': Add(1) >> down}, kind)"
    )
    assert repr(RouterPrimitive({"1": up}, kind, default="1")) == (
        "RouterPrimitive({'1': up}, kind, default='1')"
    )


async def test_a_journal_tells_what_chooses_from_what_is_chosen() -> None:
    journal = Paths()
    step = Add() >> (Add() | RouterPrimitive({"3": ConditionalPrimitive(is_big, up, down)}, kind))
    assert await step.execute(2, WorkflowContext(journal=journal)) == (4, 2)
    assert sorted(journal.seen) == sorted(["/0", "/1/0", "/1/1/3/?", "/1/1/3/else", "/1/1/?"])
