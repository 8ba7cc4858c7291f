from __future__ import annotations

from typing import Any

import pytest

from tests.core.steps import Add, Heard
from tta_dev_primitives import LambdaPrimitive, WorkflowContext, run
from tta_dev_primitives.core import SpanStarted
from tta_dev_primitives.core.errors import CompositionError
from tta_dev_primitives.workflow import ConditionalPrimitive

from .deciding import IsBig, Routes, down, is_big, is_big_here, is_big_here_later, is_big_later, up


@pytest.mark.parametrize("condition", [is_big, is_big_later, is_big_here, is_big_here_later, IsBig()])
def test_the_condition_may_be_of_any_form(condition: IsBig) -> None:
    step = ConditionalPrimitive(condition, up, down)
    assert run(step, 9, WorkflowContext(state={"on": True})) == 10
    assert run(step, 1, WorkflowContext(state={"on": True})) == 0


def test_without_else_the_input_passes_through() -> None:
    step = ConditionalPrimitive(is_big, up)
    assert run(step, 9) == 10
    assert run(step, 1) == 1


def test_steps_may_be_compositions() -> None:
    step = ConditionalPrimitive(is_big, Add(1) >> Add(1), Add(5) >> ConditionalPrimitive(is_big, up))
    assert run(step, 9) == 11
    assert run(step, 1) == 7


def test_what_is_true_counts_as_in_an_if() -> None:
    step = ConditionalPrimitive(LambdaPrimitive(str.strip), LambdaPrimitive(str.upper))
    assert run(step, "a") == "A"
    assert run(step, " ") == " "


def test_state_flows_through_the_branch_that_runs() -> None:
    def note(data: int, context: WorkflowContext) -> int:
        context.state["seen"] = data
        return data

    context = WorkflowContext()
    run(ConditionalPrimitive(is_big, note, up), 9, context)
    assert context.state == {"seen": 9}


def test_the_route_is_reported_and_the_condition_is_a_span() -> None:
    routes, heard = Routes(), Heard()
    context = WorkflowContext(sinks=(routes, heard))
    for data in (9, 1):
        run(ConditionalPrimitive(is_big, up, down), data, context)
        run(ConditionalPrimitive(is_big, up), data, context)
    assert routes.taken == ["then", "then", "else", None]
    assert routes.by == {"ConditionalPrimitive"}
    names = [event.name for event in heard.events if isinstance(event, SpanStarted)]
    assert names[:3] == ["ConditionalPrimitive", "is_big", "up"]


@pytest.mark.parametrize("wrong", [None, "text", 3, Add])
def test_what_is_no_step_is_refused_when_composed(wrong: Any) -> None:  # noqa: ANN401  # wrong on purpose
    with pytest.raises(CompositionError, match=r"the condition of ConditionalPrimitive takes"):
        ConditionalPrimitive(wrong, up)
    with pytest.raises(CompositionError, match=r"ConditionalPrimitive takes"):
        ConditionalPrimitive(is_big, wrong)
    if wrong is not None:
        with pytest.raises(CompositionError, match=r"ConditionalPrimitive takes"):
            ConditionalPrimitive(is_big, up, wrong)


def test_what_the_condition_raises_comes_out() -> None:
    def broken(data: int) -> bool:
        return data / 0 > 1

    with pytest.raises(ZeroDivisionError):
        run(ConditionalPrimitive(broken, up), 1)


def test_its_text_shows_the_condition_and_the_steps() -> None:
    assert repr(ConditionalPrimitive(is_big, up, Add(1) >> down)) == (
        "ConditionalPrimitive(is_big, up, Add(1) >> down)"
    )
    assert list(ConditionalPrimitive(is_big, up).children) == ["then"]
    assert list(ConditionalPrimitive(is_big, up, down).children) == ["then", "else"]


def test_it_may_run_again_if_its_steps_may() -> None:
    once, twice = LambdaPrimitive(up, idempotent=False), LambdaPrimitive(up, idempotent=True)
    assert ConditionalPrimitive(is_big, twice, twice).idempotent is True
    assert ConditionalPrimitive(is_big, twice, once).idempotent is False
    assert ConditionalPrimitive(is_big, twice, up).idempotent is None
