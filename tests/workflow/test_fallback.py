from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import cast

import pytest

from tta_dev_primitives import WorkflowContext, WorkflowPrimitive, run
from tta_dev_primitives.core.errors import BudgetExceeded, CompositionError, ConfigurationError
from tta_dev_primitives.testing import MockPrimitive
from tta_dev_primitives.workflow import FallbackPrimitive, FellBack

from .steps import Failing, Heard, Slow, Writing


async def test_the_primary_answers_alone_when_it_can() -> None:
    spare = MockPrimitive()
    assert await FallbackPrimitive(MockPrimitive(return_value=1), [spare]).execute(0) == 1
    spare.assert_not_called()


async def test_the_first_that_works_answers_the_same_input() -> None:
    heard, failing, working = Heard(), MockPrimitive("b", raise_error=ValueError), MockPrimitive("c")
    spare = MockPrimitive("d")
    step = FallbackPrimitive(MockPrimitive("a", raise_error=OSError), [failing, working, spare])
    assert await step.execute("in", WorkflowContext(sinks=(heard,))) is None
    failing.assert_called_once_with("in")
    working.assert_called_once_with("in")
    spare.assert_not_called()
    assert [(event.failed, event.error_type, event.instead) for event in heard.of(FellBack)] == [
        ("a", "OSError", "b"),
        ("b", "ValueError", "c"),
    ]
    assert [(event.number, event.steps) for event in heard.of(FellBack)] == [(2, 4), (3, 4)]


async def test_when_all_fail_the_last_error_comes_out_with_all_others() -> None:
    errors = [OSError("one"), ValueError("two"), LookupError("three")]
    first, *others = [MockPrimitive(name, raise_error=one) for name, one in zip("abc", errors, strict=True)]
    with pytest.raises(LookupError) as raised:
        await FallbackPrimitive(first, others).execute(0)
    assert raised.value is errors[2]
    assert raised.value.__context__ is errors[1]
    assert errors[1].__context__ is errors[0]
    assert raised.value.__notes__ == [
        "before, a (primary) failed: OSError: one",
        "before, b (fallback-1) failed: ValueError: two",
    ]


@pytest.mark.parametrize("bug", [TypeError, NameError, AttributeError, ConfigurationError])
async def test_a_bug_is_not_covered_up(bug: type[Exception]) -> None:
    spare = MockPrimitive()
    with pytest.raises(bug):
        await FallbackPrimitive(MockPrimitive(raise_error=bug("bug")), [spare]).execute(0)
    spare.assert_not_called()


async def test_it_can_be_told_to_go_on_after_bugs_too() -> None:
    step = FallbackPrimitive(
        MockPrimitive(raise_error=TypeError), [MockPrimitive(return_value=1)], on=Exception
    )
    assert await step.execute(0) == 1


async def test_a_spent_budget_can_fall_back_to_what_costs_nothing() -> None:
    dear = MockPrimitive(raise_error=BudgetExceeded("spent"))
    assert await FallbackPrimitive(dear, [MockPrimitive(return_value="free")]).execute(0) == "free"


async def test_on_limits_it_to_some_errors_also_of_a_fallback() -> None:
    spare = MockPrimitive()
    step = FallbackPrimitive(
        MockPrimitive(raise_error=OSError("first")),
        [MockPrimitive(raise_error=KeyError("x")), spare],
        on=OSError,
    )
    with pytest.raises(KeyError) as raised:
        await step.execute(0)
    assert raised.value.__notes__ == ["before, mock (primary) failed: OSError: first"]
    spare.assert_not_called()


async def test_a_cancellation_is_no_failure() -> None:
    step, spare = Slow([60]), MockPrimitive()
    task = asyncio.create_task(FallbackPrimitive(step, [spare]).execute(0))
    await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert step.ended == ["0 cancelled"]
    spare.assert_not_called()


async def test_a_step_that_answers_a_cancellation_with_an_error_is_not_replaced() -> None:
    step, spare = Failing(), MockPrimitive()
    task = asyncio.create_task(FallbackPrimitive(step, [spare]).execute(0))
    await step.begun.wait()
    task.cancel()
    with pytest.raises(ConnectionError):
        await task
    spare.assert_not_called()


async def test_what_a_failed_step_wrote_into_the_state_is_dropped() -> None:
    context = WorkflowContext(state={"before": 1})
    step = FallbackPrimitive(Writing(failures=1), [Writing(failures=0)])
    assert await step.execute(0, context) == "written"
    assert context.state == {"before": 1, "seen": (0,)}


@pytest.mark.parametrize("wrong", [[], "step", MockPrimitive(), [7], None])
def test_a_wrong_list_of_fallbacks_is_refused(wrong: object) -> None:
    with pytest.raises(CompositionError, match="FallbackPrimitive takes"):
        FallbackPrimitive(MockPrimitive(), cast("Sequence[MockPrimitive]", wrong))


def test_it_knows_its_parts() -> None:
    a, b = MockPrimitive("a", idempotent=True), MockPrimitive("b", idempotent=False)
    step: WorkflowPrimitive[object, object] = FallbackPrimitive(a, [b, a])
    assert step.children == {"primary": a, "fallback-1": b, "fallback-2": a}
    assert step.idempotent is False
    assert repr(step) == "FallbackPrimitive(MockPrimitive('a'), [MockPrimitive('b'), MockPrimitive('a')])"


def test_one_instance_works_in_one_event_loop_after_the_other() -> None:
    step = FallbackPrimitive(MockPrimitive(raise_error=OSError), [MockPrimitive(return_value=1)])
    assert [run(step, 0), run(step, 0)] == [1, 1]
