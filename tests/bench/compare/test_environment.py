"""Arms on an invented environment, in the real sandbox, with a model that follows what it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel

from tests.bench.compare.making import PLAN
from tta_dev_primitives.ace.training.open_run import Means
from tta_dev_primitives.bench.compare.compare import compare_arms
from tta_dev_primitives.bench.compare.of_environment import of_environment
from tta_dev_primitives.bench.environments import EnvironmentTask, make_environment
from tta_dev_primitives.core import WorkflowContext
from tta_dev_primitives.llm.types import Request, Role
from tta_dev_primitives.sandbox.open import open_sandbox
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import Answer, ScriptedModel, shows

SEED = 7


def follower(tasks: Mapping[str, EnvironmentTask], gold: Mapping[str, str]) -> ScriptedModel:
    """Handles a quirk if its gold strategy stands in the prompt, and does as documented otherwise."""

    def answer(request: Request[BaseModel]) -> Answer:
        task = tasks[request.task_id]
        known = all(shows(request.prompt, gold[family]) for family in task.families)
        return {"plan": "", "code": task.informed if known else task.naive}

    return ScriptedModel(answer)


async def test_only_the_true_strategies_help(tmp_path: Path) -> None:
    environment = make_environment(SEED)
    gold = {quirk.family: quirk.gold for quirk in environment.quirks}
    model = follower({task.id: task for task in environment.test}, gold)
    sandbox = open_sandbox("local")
    try:
        report = await compare_arms(
            ["none", "placebo", "gold"],
            of_environment(SEED),
            folder=tmp_path,
            means=Means(models=dict.fromkeys(Role, model), sandbox=sandbox, settings=Settings()),
            plan=PLAN,
            context=WorkflowContext(),
        )
    finally:
        await sandbox.aclose()
    assert {arm.name: arm.first_try.value for arm in report.arms} == {"none": 0, "placebo": 0, "gold": 1}
