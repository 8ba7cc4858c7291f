"""What the loop learns from runs, and what it does not."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.ace.loop.making import (
    LESSON,
    NEAR,
    NEVER,
    PRINT_42,
    RIGHT,
    WRONG,
    decide,
    insight,
    learner,
    reflection,
    scripted,
)
from tta_dev_primitives import WorkflowContext
from tta_dev_primitives.ace import ace_faithful
from tta_dev_primitives.llm.types import Role
from tta_dev_primitives.sandbox import Sandbox
from tta_dev_primitives.testing import MemoryStore


async def test_improvement_is_measured_against_runs_without_strategies(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    loop = learner(scripted([WRONG, RIGHT, RIGHT], [reflection(LESSON)]), sandbox)

    first = await loop.execute(PRINT_42, context)
    assert first.improvement_score == 0.0
    assert "no baseline" in first.learning_summary
    second = await loop.execute({**PRINT_42, "id": "again"}, context)
    assert second.improvement_score == 1.0 == loop.improvement_score
    assert "100% of 1 runs with strategies against 0% of 1 without" in second.learning_summary
    assert loop.success_rate == 1.0


async def test_a_first_success_of_a_family_is_reflected_on_and_the_next_is_not(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    model = scripted([RIGHT, RIGHT], [reflection()])
    loop = learner(model, sandbox)

    await loop.execute(PRINT_42, context)
    await loop.execute(PRINT_42, context)

    assert [request.role for request in model.requests].count(Role.REFLECTOR) == 1


async def test_an_unchecked_success_does_not_count_as_a_first_success(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    model = scripted([RIGHT, RIGHT], [reflection()])
    loop = learner(model, sandbox)

    await loop.execute({"task": "Print something."}, context)
    await loop.execute(PRINT_42, context)

    assert [request.role for request in model.requests].count(Role.REFLECTOR) == 1
    assert loop.success_rate == 1.0


async def test_an_unchecked_success_is_not_learned_from(sandbox: Sandbox, context: WorkflowContext) -> None:
    model = scripted([RIGHT])

    result = await learner(model, sandbox).execute({"task": "Print something."}, context)

    assert result.unchecked
    assert "unchecked" in result.learning_summary
    assert len(model.requests) == 1


async def test_a_lesson_learned_twice_is_one_bullet(sandbox: Sandbox, context: WorkflowContext) -> None:
    loop = learner(scripted([WRONG, RIGHT] * 2, [reflection(LESSON)] * 2), sandbox)

    await loop.execute(PRINT_42, context)
    again = await loop.execute({**PRINT_42, "id": "again"}, context)

    assert (again.strategies_learned, again.playbook_size) == (0, 1)


@pytest.mark.parametrize(
    ("decision", "contents"),
    [
        ({"insight": 1, "action": "drop"}, ["parcelo.answer counts from one: add 1."]),
        (
            {"insight": 1, "action": "merge", "strategy": "str-00001", "content": "Add 1 to parcelo.answer."},
            ["Add 1 to parcelo.answer."],
        ),
        (
            {"insight": 1, "action": "add"},
            ["parcelo.answer counts from one: add 1.", "`parcelo.answer` counts from one, so add 1 to it."],
        ),
        (
            {"insight": 1, "action": "merge", "strategy": "str-77777", "content": "Lost."},
            ["parcelo.answer counts from one: add 1.", "`parcelo.answer` counts from one, so add 1 to it."],
        ),
        (
            {"insight": 1, "action": "conflict", "strategy": "[str-00001]"},
            ["parcelo.answer counts from one: add 1.", "`parcelo.answer` counts from one, so add 1 to it."],
        ),
    ],
)
async def test_the_curator_is_asked_about_a_near_lesson_only(
    sandbox: Sandbox, context: WorkflowContext, decision: Mapping[str, object], contents: list[str]
) -> None:
    model = scripted([WRONG, RIGHT] * 2, [reflection(LESSON), reflection(NEAR)], [decide(decision)])
    loop = learner(model, sandbox)

    await loop.execute(PRINT_42, context)
    await loop.execute({**PRINT_42, "id": "again"}, context)

    assert [bullet.content for bullet in loop.playbook.active] == contents
    if decision["action"] == "conflict":
        assert all(bullet.conflicts for bullet in loop.playbook.active)


async def test_tags_of_shown_strategies_count_and_others_do_not(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    tags = [{"strategy": "str-00001", "tag": "harmful"}, {"strategy": "str-00042", "tag": "helpful"}]
    model = scripted([WRONG, RIGHT] * 2, [reflection(LESSON), reflection(tags=tags)])
    loop = learner(model, sandbox)

    await loop.execute(PRINT_42, context)
    await loop.execute({**PRINT_42, "id": "again"}, context)

    assert [(bullet.helpful, bullet.harmful) for bullet in loop.playbook.active] == [(0, 1)]


async def test_the_published_algorithm_reflects_and_curates_every_time(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    other = insight("Close parcels before night.")
    model = scripted(
        [RIGHT, RIGHT],
        [reflection(LESSON), reflection(LESSON), reflection(other), reflection(other)],
        [decide({"insight": 1, "action": "add"})] * 2,
    )
    loop = learner(model, sandbox, options=ace_faithful())

    await loop.execute(PRINT_42, context)
    result = await loop.execute({**PRINT_42, "id": "again"}, context)

    roles = [request.role for request in model.requests]
    assert roles.count(Role.REFLECTOR) == 4
    assert roles.count(Role.CURATOR) == 2
    assert result.playbook_size == 2
    assert "# Refine this reflection" in model.requests[2].prompt


async def test_a_correction_in_nearly_the_same_words_reaches_the_curator(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    wrong = insight("Parcelo page numbers start at 1 and never at 0.")
    right = insight("Parcelo page numbers start at 0 and never at 1.")
    conflict = decide({"insight": 1, "action": "conflict", "strategy": "str-00001"})
    model = scripted([WRONG, RIGHT] * 2, [reflection(wrong), reflection(right)], [conflict])
    loop = learner(model, sandbox)

    await loop.execute(PRINT_42, context)
    await loop.execute({**PRINT_42, "id": "again"}, context)

    assert [bullet.content for bullet in loop.playbook.active] == [wrong["content"], right["content"]]
    assert all(bullet.conflicts for bullet in loop.playbook.active)


async def test_a_merged_lesson_is_relevant_where_either_was(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    more = {**NEAR, "libraries": ["quaytwo"], "error_signatures": ["PageError"]}
    merge = decide(
        {
            "insight": 1,
            "action": "merge",
            "strategy": "str-00001",
            "content": "parcelo.answer counts from 1: add 1, always.",
        }
    )
    model = scripted([WRONG, RIGHT] * 2, [reflection(LESSON), reflection(more)], [merge])
    loop = learner(model, sandbox)

    await loop.execute(PRINT_42, context)
    await loop.execute({**PRINT_42, "id": "again"}, context)

    merged = loop.playbook.active[0]
    assert merged.content == "parcelo.answer counts from 1: add 1, always."
    assert merged.trigger.libraries == ("parcelo", "quaytwo")
    assert merged.trigger.error_signatures == ("PageError",)


async def test_lessons_that_are_refused_are_told_with_the_reason(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    names = ("oak", "birch", "cedar", "maple", "willow", "aspen", "hazel")
    lessons = [insight(f"Lesson of the {name}.") for name in names]

    result = await learner(scripted([WRONG, RIGHT], [reflection(*lessons)]), sandbox).execute(
        PRINT_42, context
    )

    assert result.strategies_learned == 5
    assert "2 rejected (" in result.learning_summary


async def test_two_learners_on_one_playbook_see_each_others_runs(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    store = MemoryStore()
    one, two = (learner(scripted([RIGHT] * 2), sandbox, store, NEVER) for _ in range(2))

    await one.execute(PRINT_42, context)
    await two.execute({**PRINT_42, "expected_output": "43", "max_iterations": 1}, context)
    assert two.success_rate == 0.5
    await one.execute(PRINT_42, context)
    assert round(one.success_rate, 3) == 0.667
