from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import BaseModel

from tests.bench.compare.making import ALL, FOREIGN, LESSONS, PLAN, PROBLEM, answer, by_name, compared, tasks
from tta_dev_primitives.ace.content import tokens
from tta_dev_primitives.bench.compare.of_environment import of_environment
from tta_dev_primitives.bench.compare.problem import Problem
from tta_dev_primitives.core.errors import ConfigurationError, ModelOutputInvalid
from tta_dev_primitives.llm.types import Request, Role
from tta_dev_primitives.testing import Answer, ScriptedModel


async def prompts_of(folder: Path, arm: str, **more: object) -> list[str]:
    """What the generator is asked in the test of `arm`, in order of the tasks."""
    model = ScriptedModel(answer)
    await compared(folder, arm, model=model, **more)  # type: ignore[arg-type]
    asked = [one for one in model.requests if one.task_id.startswith("test-")]
    assert all(one.role is Role.GENERATOR for one in asked)
    return [one.prompt for one in sorted(asked, key=lambda one: one.task_id)]


async def test_each_arm_knows_what_it_has_learned_and_nothing_else(tmp_path: Path) -> None:
    hits = {name: arm.first_try.value for name, arm in by_name(await compared(tmp_path)).items()}
    informed = dict.fromkeys(("learned", "ace_faithful", "history", "cheatsheet", "gold"), 1.0)
    assert hits == informed | {"none": 0.0, "placebo": 0.0}


@pytest.mark.parametrize("arm", ALL)
async def test_nothing_is_learned_in_the_test_and_every_task_is_asked_once(tmp_path: Path, arm: str) -> None:
    assert len(await prompts_of(tmp_path, arm)) == len(PROBLEM.test)


async def test_the_arm_none_shows_the_task_alone(tmp_path: Path) -> None:
    for prompt in await prompts_of(tmp_path, "none"):
        assert prompt.startswith("# Context\nparcelo, quillon and vastrix give numbers.\n\n# Task")


async def test_a_placebo_is_as_large_as_what_was_learned(tmp_path: Path) -> None:
    arms = by_name(await compared(tmp_path, "learned", "placebo"))
    learned, placebo = arms["learned"].context_tokens, arms["placebo"].context_tokens
    assert learned == sum(map(tokens, LESSONS.values()))
    assert learned <= placebo < learned + max(map(tokens, FOREIGN))


async def test_a_history_is_shown_latest_first_with_real_results(tmp_path: Path) -> None:
    for prompt in await prompts_of(tmp_path, "history"):
        note = prompt.partition("# Earlier tasks, latest first")[2].partition("\n# Task\n")[0]
        places = [note.index(f"Print {number} with") for number in reversed(range(6))]
        assert places == sorted(places)
        assert "quillon wants restore_unit(quillon)" in note


async def test_a_history_stays_within_the_tokens_that_it_may_have(tmp_path: Path) -> None:
    plan = replace(PLAN, tokens=200)
    report = await compared(tmp_path, "history", plan=plan)
    assert 100 < report.arms[0].context_tokens <= 210
    note = (tmp_path / "arms" / "history" / "note.md").read_text()
    assert "Print 5 with" in note
    assert "Print 0 with" not in note


async def test_history_and_cheat_sheet_grow_while_training(tmp_path: Path) -> None:
    for arm in ("history", "cheatsheet"):
        model = ScriptedModel(answer)
        await compared(tmp_path / arm, arm, model=model)
        asked = [one for one in model.requests if one.task_id.startswith("train-")]
        attempts = [one.task_id for one in asked if one.role is Role.GENERATOR]
        assert attempts.count("train-0") == 2, "the first task of a library fails at first"
        assert attempts.count("train-3") == 1, "the second has the first in its context"


async def test_the_cheat_sheet_is_written_anew_after_each_training_task(tmp_path: Path) -> None:
    model = ScriptedModel(answer)
    await compared(tmp_path, "cheatsheet", model=model)
    rewrites = [one for one in model.requests if one.role is Role.CURATOR]
    assert [one.task_id for one in rewrites] == [task.id for task in PROBLEM.train.tasks]
    assert "It is empty." in rewrites[0].prompt
    assert all(lesson in rewrites[-1].prompt for lesson in LESSONS.values())
    assert "at most 8000 tokens" in rewrites[-1].prompt


async def test_a_model_that_gives_no_sheet_leaves_the_one_before(tmp_path: Path) -> None:
    def sometimes(request: Request[BaseModel]) -> Answer:
        if request.role is Role.CURATOR and request.task_id != "train-2":
            return ModelOutputInvalid("no sheet")
        return answer(request)

    report = await compared(tmp_path, "cheatsheet", model=ScriptedModel(sometimes))
    sheet = (tmp_path / "arms" / "cheatsheet" / "note.md").read_text()
    assert LESSONS["vastrix"] in sheet
    assert LESSONS["parcelo"] not in sheet
    assert report.arms[0].first_try.value == pytest.approx(1 / 3)


async def test_the_published_algorithm_reflects_on_every_task(tmp_path: Path) -> None:
    model = ScriptedModel(answer)
    await compared(tmp_path, "ace_faithful", model=model)
    reflected = {one.task_id for one in model.requests if one.role is Role.REFLECTOR}
    assert reflected == {task.id for task in PROBLEM.train.tasks}


async def test_probes_and_more_attempts_in_the_test_only_where_asked_for(tmp_path: Path) -> None:
    report = await compared(tmp_path, "none", plan=replace(PLAN, attempts=3))
    (none,) = report.arms
    assert none.first_try.value == 0
    assert none.success.value == 1
    assert none.attempts == 2


@pytest.mark.parametrize("arm", ["gold", "placebo"])
async def test_what_nobody_knows_cannot_be_an_arm(tmp_path: Path, arm: str) -> None:
    problem = replace(PROBLEM, gold=(), foreign=())
    with pytest.raises(ConfigurationError, match=rf"'sums'.*leave out the arm '{arm}'"):
        await compared(tmp_path, arm, problem=problem)


def test_an_environment_is_a_problem_with_gold_and_foreign_strategies() -> None:
    problem = of_environment(7)
    assert (len(problem.train), len(problem.test)) == (8, 8)
    assert problem.gold
    assert not set(problem.gold) & set(problem.foreign)
    assert sum(map(tokens, problem.foreign)) > sum(map(tokens, problem.gold))
    assert all(task.hidden and task.context for task in problem.test.tasks)


def test_a_task_that_was_learned_from_is_not_held_out() -> None:
    with pytest.raises(
        ConfigurationError, match="2 held-out tasks are training tasks as well, such as 'a-4'"
    ):
        Problem(name="twice", train=tasks("a", range(6)), test=tasks("a", range(4, 9)))


def test_the_same_tasks_are_the_same_problem() -> None:
    again = replace(PROBLEM, train=tasks("train", range(6)))
    assert again.digest == PROBLEM.digest
    assert replace(PROBLEM, train=tasks("train", range(7))).digest != PROBLEM.digest
