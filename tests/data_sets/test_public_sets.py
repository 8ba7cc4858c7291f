"""Public task sets: their own solutions pass in the jail, and programs known to be wrong do not.

The sets are not part of this repository; `TASK_SETS` names their folder.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import pytest
from pydantic import BaseModel, TypeAdapter

from tta_dev_primitives.ace.evaluator import Evaluator
from tta_dev_primitives.ace.task import parse_task
from tta_dev_primitives.ace.training import read_tasks
from tta_dev_primitives.sandbox import Limits, open_sandbox

pytestmark = pytest.mark.data_sets

DEFAULT = Path(__file__).parents[2].parent / "shared" / "data"
DATA = Path(os.environ.get("TASK_SETS") or DEFAULT)
AT_ONCE = 2
ENOUGH = Limits(wall_s=15, cpu_s=12)
SOON = Limits(wall_s=4, cpu_s=3)
"""For programs that are wrong: some of them never end."""


class Meta(BaseModel):
    """`support`: file name -> text, put beside the program. `buggy`: the program before it was repaired."""

    solution_file: str = "solution.py"
    support: Mapping[str, str] = {}
    buggy: str = ""


class Row(BaseModel):
    id: str
    prompt: str
    tests: str
    canonical_solution: str
    meta: Meta


def rows(name: str) -> list[Row]:
    file = DATA / name / f"{name}.jsonl"
    if not file.is_file():
        pytest.skip(f"there is no {name}.jsonl in {str(DATA)!r}; set TASK_SETS to its folder")
    read = TypeAdapter(Row)
    return [read.validate_json(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
async def evaluators() -> AsyncIterator[Mapping[Limits, Evaluator]]:
    jail = open_sandbox("local")
    yield {limits: Evaluator(jail, limits) for limits in (ENOUGH, SOON)}
    await jail.aclose()


async def failures(evaluator: Evaluator, programs: Sequence[tuple[Row, str]]) -> dict[str, str]:
    """Return what is told of each program that does not pass, by the row's id."""
    free, told = asyncio.Semaphore(AT_ONCE), dict[str, str]()

    async def judge(row: Row, code: str) -> None:
        meta = row.meta
        task = parse_task(
            {
                "id": row.id,
                "task": row.prompt,
                "tests": row.tests,
                "solution_file": meta.solution_file,
                "files": meta.support,
            }
        )
        async with free:
            verdict = (await evaluator.judge(task, code)).verdict
        if not verdict.success:
            told[row.id] = f"{verdict.kind}: {verdict.feedback}"

    async with asyncio.TaskGroup() as group:
        for row, code in programs:
            group.create_task(judge(row, code))
    return told


@pytest.mark.parametrize(
    ("name", "count"),
    [("humaneval", 164), ("quixbugs_python", 40), ("exercism_python", 140), ("polyglot_python", 34)],
)
async def test_every_solution_of_the_set_passes(
    evaluators: Mapping[Limits, Evaluator], name: str, count: int
) -> None:
    found = rows(name)

    assert len(found) == count
    assert await failures(evaluators[ENOUGH], [(row, row.canonical_solution) for row in found]) == {}


@pytest.mark.parametrize("name", ["humaneval", "quixbugs_python", "exercism_python", "polyglot_python"])
def test_the_set_is_read_as_a_task_set(name: str) -> None:
    found = {row.id: row for row in rows(name)}
    tasks = read_tasks(DATA / name / f"{name}.jsonl")
    assert [task.id for task in tasks.tasks] == list(found)
    assert tasks.solutions == {name: row.canonical_solution for name, row in found.items()}
    for task in tasks.tasks:
        row = found[task.id]
        assert (task.tests, task.solution_file) == (row.tests, row.meta.solution_file)
        assert row.prompt.strip() in task.task
        assert {name: content.decode() for name, content in task.files.items()} == row.meta.support


async def test_no_program_with_a_defect_passes(evaluators: Mapping[Limits, Evaluator]) -> None:
    found = rows("quixbugs_python")

    told = await failures(evaluators[SOON], [(row, row.meta.buggy) for row in found])
    assert sorted(told) == sorted(row.id for row in found)
