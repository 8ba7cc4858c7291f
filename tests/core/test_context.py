from __future__ import annotations

import dataclasses
import time

import pytest

from tta_dev_primitives import Budget, WorkflowContext
from tta_dev_primitives.core import Checkpoint
from tta_dev_primitives.core.errors import ConfigurationError, DeadlineExceeded

from .steps import Heard


def test_every_run_has_its_own_identity() -> None:
    one, other = WorkflowContext(), WorkflowContext()
    assert len({one.workflow_id, one.correlation_id, one.trace_id, other.workflow_id}) == 4
    assert len(one.trace_id) == 32
    assert int(one.trace_id, 16)
    assert one.state is not other.state


def test_fields_are_fixed() -> None:
    context = WorkflowContext()
    with pytest.raises(dataclasses.FrozenInstanceError):
        context.tenant = "other"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        context.branch().tenant = "other"  # type: ignore[misc]


def test_a_child_keeps_the_run_and_names_its_cause() -> None:
    budget = Budget(calls=1)
    parent = WorkflowContext(
        correlation_id="c", session_id="s", tags={"a": "b"}, baggage={"x": "y"}, budget=budget, deadline=9e9
    )
    child = parent.child(workflow_id="w2", tenant="t")
    assert (child.workflow_id, child.tenant, child.session_id) == ("w2", "t", "s")
    assert (child.correlation_id, child.trace_id) == ("c", parent.trace_id)
    assert child.causation_id == parent.workflow_id
    assert child.state is parent.state
    assert child.tags is parent.tags
    assert child.baggage is parent.baggage
    assert child.budget is budget
    assert child.deadline == parent.deadline
    assert child.started_at == parent.started_at


def test_a_child_made_inside_a_step_is_caused_by_that_step() -> None:
    with WorkflowContext(sinks=(Heard(),)).span("step") as inner:
        assert inner.child().causation_id == inner.span_id
        assert inner.child().span_id == inner.span_id


def test_a_branch_copies_the_state_but_not_what_is_in_it() -> None:
    shared: list[int] = []
    context = WorkflowContext(state={"list": shared})
    branch = context.branch()
    branch.state["mine"] = 1
    shared.append(1)
    assert context.state == {"list": [1]}
    assert branch.state == {"list": [1], "mine": 1}
    assert branch.workflow_id == context.workflow_id


def test_a_timeout_only_shortens_the_deadline() -> None:
    context = WorkflowContext().with_timeout(10)
    left = context.seconds_left()
    assert left is not None
    assert 0 < left <= 10
    assert context.with_timeout(60).deadline == context.deadline
    shorter = context.with_timeout(1).seconds_left()
    assert shorter is not None
    assert shorter <= 1


@pytest.mark.parametrize("seconds", [0, -1.5, float("nan")])
def test_a_timeout_must_be_above_zero(seconds: float) -> None:
    with pytest.raises(ConfigurationError, match=r"seconds must be above 0"):
        WorkflowContext().with_timeout(seconds)


def test_a_passed_deadline_names_the_step() -> None:
    context = WorkflowContext(deadline=time.monotonic() - 1)
    left = context.seconds_left()
    assert left is not None
    assert left < 0
    with pytest.raises(DeadlineExceeded, match="before Generate could start"):
        context.check_deadline("Generate")
    with pytest.raises(TimeoutError):
        context.check_deadline("Generate")


def test_without_a_deadline_nothing_is_late() -> None:
    context = WorkflowContext()
    assert context.seconds_left() is None
    context.check_deadline("anything")


def test_checkpoints_are_in_order_and_shared_by_children() -> None:
    context = WorkflowContext()
    context.checkpoint("first")
    context.child().checkpoint("second")
    assert [mark.name for mark in context.checkpoints] == ["first", "second"]
    first, second = context.checkpoints
    assert isinstance(first, Checkpoint)
    assert 0 <= first.elapsed_ms <= second.elapsed_ms <= context.elapsed_ms()
