"""The example tasks: their solutions pass, and what they ask to repair or to speed up does not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tta_dev_primitives.ace.evaluator import Evaluator
from tta_dev_primitives.ace.training import read_tasks
from tta_dev_primitives.sandbox import Limits
from tta_dev_primitives.sandbox.open import open_sandbox

FILE = Path(__file__).parents[2] / "examples" / "tasks" / "warm_up.jsonl"


@pytest.fixture(scope="module")
def evaluator() -> Iterator[Evaluator]:
    jail = open_sandbox("local")
    yield Evaluator(jail, Limits())
    asyncio.run(jail.aclose())


async def test_every_solution_passes_and_the_given_code_does_not(evaluator: Evaluator) -> None:
    tasks = read_tasks(FILE)
    assert len(tasks.solutions) == len(tasks) == 8
    for task in tasks.tasks:
        verdict = (await evaluator.judge(task, tasks.solutions[task.id])).verdict
        assert verdict.success, f"{task.id}: {verdict.feedback}"
        assert not (task.code and (await evaluator.judge(task, task.code)).verdict.success), task.id
