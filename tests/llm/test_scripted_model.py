"""The scripted model keeps the contract that live models keep."""

from __future__ import annotations

import doctest

import pytest
from pydantic import BaseModel

from tests.llm.questions import Code, question
from tta_dev_primitives.core import Budget, Event, WorkflowContext
from tta_dev_primitives.core.errors import (
    BudgetExceeded,
    ConfigurationError,
    DeadlineExceeded,
    ModelOutputInvalid,
    ModelUnavailable,
)
from tta_dev_primitives.llm import ModelAnswered, Origin, Role, Usage
from tta_dev_primitives.testing import ScriptedModel, scripted_model
from tta_dev_primitives.testing.scripted_model import Script


class Other(BaseModel):
    code: str


async def test_answers_come_from_a_function_of_the_request() -> None:
    model = ScriptedModel(lambda request: {"code": request.prompt.upper()})
    reply = await model.ask(question("abc"), WorkflowContext())
    assert reply.output == Code(code="ABC")
    assert reply.source.origin is Origin.SCRIPTED
    assert [request.prompt for request in model.requests] == ["abc"]


async def test_answers_come_in_order_for_each_role() -> None:
    model = ScriptedModel({Role.GENERATOR: [{"code": "1"}, Code(code="2")], Role.CURATOR: [{"code": "3"}]})
    roles = (Role.GENERATOR, Role.CURATOR, Role.GENERATOR)
    replies = [await model.ask(question(role=role), WorkflowContext()) for role in roles]
    assert [reply.output.code for reply in replies] == ["1", "3", "2"]
    with pytest.raises(ConfigurationError, match="no answer left for the generator"):
        await model.ask(question(), WorkflowContext())


async def test_garbage_is_invalid_output_and_exceptions_are_raised() -> None:
    model = ScriptedModel({Role.GENERATOR: [{"wrong": 1}, ModelUnavailable("down"), Other(code="x")]})
    with pytest.raises(ModelOutputInvalid, match="is not a Code: code: Field required"):
        await model.ask(question(), WorkflowContext())
    with pytest.raises(ModelUnavailable, match="down"):
        await model.ask(question(), WorkflowContext())
    assert (await model.ask(question(), WorkflowContext())).output == Code(code="x")


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ([{"code": "1"}], r"a script is a function of the request, or .*, not \[\{'code': '1'\}\]"),
        ({Role.GENERATOR: {"code": "1"}}, r"the answers of the generator are a list, not \{'code': '1'\}"),
        ({"writer": []}, "'writer' is not a role; roles are generator, "),
    ],
)
def test_what_is_no_script_is_refused(script: Script, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        ScriptedModel(script)


async def test_budget_deadline_and_events() -> None:
    events: list[Event] = []
    budget = Budget(tokens=250)
    model = ScriptedModel(lambda _: {"code": "x"}, usage=Usage(input_tokens=150, output_tokens=50, calls=1))
    await model.ask(question(), WorkflowContext(budget=budget, sinks=(events.append,)))
    assert budget.spent.tokens == 200
    assert [type(event) for event in events] == [ModelAnswered]
    with pytest.raises(BudgetExceeded):
        await model.ask(question(), WorkflowContext(budget=budget))
    with pytest.raises(DeadlineExceeded):
        await model.ask(question(), WorkflowContext(deadline=0.0))
    assert len(model.requests) == 1


def test_the_documented_example_runs() -> None:
    failed, tried = doctest.testmod(scripted_model)
    assert (failed, tried > 0) == (0, True)
