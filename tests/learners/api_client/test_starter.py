"""The domain's own strategies are candidates, and reach the prompts of its tasks."""

from __future__ import annotations

from dataclasses import replace

from tests.ace.loop.making import CERTAIN, program, reflection, scripted
from tests.learners.api_client.shop import CLIENT, TASK
from tta_dev_primitives import WorkflowContext
from tta_dev_primitives.learners.api_client import ApiClientLearner
from tta_dev_primitives.sandbox import Sandbox
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import MemoryStore


async def test_the_starter_is_in_the_prompt_of_a_task_that_it_bears_on(sandbox: Sandbox) -> None:
    model = scripted([program(CLIENT)], [reflection()])
    learner = ApiClientLearner(
        model=model,
        sandbox=sandbox,
        store=MemoryStore(),
        options=replace(CERTAIN, probes=0),
        settings=Settings(),
        starter=True,
    )

    result = await learner.execute(TASK, WorkflowContext())

    assert result.execution_success
    assert learner.playbook.size == 5
    assert {bullet.domain for bullet in learner.playbook.active} == {"api-client"}
    assert "urlopen without a timeout waits for ever" in model.requests[0].prompt
    assert "probes have no connection" in model.requests[0].prompt.lower()
