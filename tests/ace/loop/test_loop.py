"""The whole loop through its public class: scripted models, real sandbox, real or in-memory stores."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import BaseModel

from tests.ace.loop.making import CrashingSandbox, decide, insight, program, reflection, scripted
from tta_dev_primitives import Budget, WorkflowContext
from tta_dev_primitives.ace import AceOptions, CodeTask, Reflect, SelfLearningCodePrimitive, ace_faithful
from tta_dev_primitives.ace.progress import AttemptJudged, LearningSkipped, PlaybookChanged, SandboxFailed
from tta_dev_primitives.ace.store import Commit, Committed, PlaybookStore
from tta_dev_primitives.core.errors import (
    BudgetExceeded,
    CassetteError,
    ConfigurationError,
    DeadlineExceeded,
    InvalidTask,
    ModelOutputInvalid,
    ModelRefused,
    ModelRejected,
    ModelUnavailable,
    SandboxCrashed,
    SandboxUnavailable,
    StoreUnavailable,
)
from tta_dev_primitives.core.events import Event
from tta_dev_primitives.llm.types import Request, Role, Usage
from tta_dev_primitives.sandbox import Sandbox
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import Answer, MemoryStore, ScriptedModel

CERTAIN = AceOptions(inclusion=1.0, hold_out=0.0)
NEVER = AceOptions(inclusion=1.0, hold_out=0.0, reflect=Reflect.NEVER)
PRINT_42: CodeTask = {"task": "Print what parcelo.answer gives.", "expected_output": "42"}
WRONG, RIGHT = program("print(41)"), program("print(42)")
LESSON = insight("parcelo.answer counts from one: add 1.", libraries=["parcelo"])


def learner(
    model: ScriptedModel,
    sandbox: Sandbox,
    store: PlaybookStore | None = None,
    options: AceOptions = CERTAIN,
) -> SelfLearningCodePrimitive:
    return SelfLearningCodePrimitive(
        model=model, sandbox=sandbox, store=store or MemoryStore(), options=options, settings=Settings()
    )


async def test_a_failure_is_fed_back_fixed_reflected_on_and_learned(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    model = scripted([WRONG, RIGHT], [reflection(LESSON)])
    loop = learner(model, sandbox)

    result = await loop.execute(PRINT_42, context)

    assert result["execution_success"] is True
    assert result["code_generated"] == "print(42)"
    assert result["result"] == "42\n"
    assert result["strategies_learned"] == 1 == result["playbook_size"] == loop.playbook_size
    assert result.learned == ("parcelo.answer counts from one: add 1.",)
    assert result.attempts == 2
    assert result.isolation == "namespaces"
    assert "actual output: '41'" in model.requests[1].prompt
    assert [request.role for request in model.requests] == [Role.GENERATOR, Role.GENERATOR, Role.REFLECTOR]


async def test_what_was_learned_is_in_the_next_prompt_and_its_use_is_recorded(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    model = scripted([WRONG, RIGHT, program("print(42)", "str-00001", "str-99999")], [reflection(LESSON)])
    store = MemoryStore()
    loop = learner(model, sandbox, store)

    await loop.execute(PRINT_42, context)
    result = await loop.execute({**PRINT_42, "id": "again"}, context)

    assert "[str-00001] (api_fact) parcelo.answer counts from one: add 1." in model.requests[3].prompt
    assert result.strategies_used == ("str-00001",)
    episode = (await store.episodes())[-1]
    bullet = loop.playbook.active[0]
    assert [(c.bullet_id, c.included, c.propensity) for c in episode.choices] == [(bullet.id, True, 1.0)]
    assert episode.attempts[0].cited == (bullet.id,)
    observed = [record.recorded.event for record in await store.history()]
    assert [event.type for event in observed] == ["add", "observe"]


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


NEAR = insight("`parcelo.answer` counts from one, so add 1 to it.", libraries=["parcelo"])


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


async def test_all_attempts_failing_is_a_result_that_is_learned_from(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    loop = learner(scripted([WRONG] * 3, [reflection(LESSON)]), sandbox)

    result = await loop.execute(PRINT_42, context)

    assert (result.execution_success, result.attempts, result.verdict) == (False, 3, "tests_failed")
    assert result.strategies_learned == 1
    assert "failed (tests_failed) after 3 attempts" in result.learning_summary


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (program("   "), ModelOutputInvalid),
        ({"nonsense": True}, ModelOutputInvalid),
        (ModelRefused("no"), ModelRefused),
        (ModelUnavailable("429"), ModelUnavailable),
    ],
)
async def test_a_model_that_fails_is_never_learned_from(
    sandbox: Sandbox,
    context: WorkflowContext,
    answer: Mapping[str, object] | Exception,
    error: type[Exception],
) -> None:
    store = MemoryStore()

    with pytest.raises(error):
        await learner(scripted([answer]), sandbox, store).execute(PRINT_42, context)

    assert await store.history() == ()
    assert await store.episodes() == ()


@pytest.mark.parametrize("outage", [ModelUnavailable("503"), ModelRejected("401"), CassetteError("diverged")])
async def test_an_outage_after_an_attempt_keeps_it_as_evidence_and_hands_over_its_program(
    sandbox: Sandbox, context: WorkflowContext, outage: Exception
) -> None:
    store = MemoryStore()
    loop = learner(scripted([WRONG, outage]), sandbox, store)

    with pytest.raises(type(outage)) as failed:
        await loop.execute(PRINT_42, context)

    assert failed.value.__notes__ == ["the last program that was judged, tests_failed:\nprint(41)"]
    episode = (await store.episodes())[0]
    assert (len(episode.attempts), episode.cut_short, episode.reflected) == (1, str(outage), False)
    assert (loop.playbook_size, loop.success_rate) == (0, 0.0)


@pytest.mark.parametrize("fault", [ModelRejected("wrong key"), CassetteError("diverged")])
async def test_a_wrong_key_or_a_diverged_replay_comes_out_of_learning_and_the_run_is_kept(
    sandbox: Sandbox, context: WorkflowContext, fault: Exception
) -> None:
    store = MemoryStore()

    with pytest.raises(type(fault)) as failed:
        await learner(scripted([WRONG, RIGHT], [fault]), sandbox, store).execute(PRINT_42, context)

    assert failed.value.__notes__ == ["the last program that was judged, passed:\nprint(42)"]
    assert [(episode.success, episode.cut_short) for episode in await store.episodes()] == [(True, "")]


async def test_an_unfinished_run_that_cannot_be_stored_says_both(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    loop = learner(scripted([WRONG, ModelUnavailable("503")]), sandbox, FullStore())

    with pytest.raises(ModelUnavailable) as failed:
        await loop.execute(PRINT_42, context)

    assert "and the run could not be stored: no space left" in failed.value.__notes__[-1]


async def test_a_curator_that_fails_costs_only_what_it_was_asked(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    other = insight("Close the ledger before midnight.")
    model = scripted(
        [WRONG, RIGHT] * 2, [reflection(LESSON), reflection(NEAR, other)], [ModelUnavailable("429")]
    )
    loop = learner(model, sandbox)

    await loop.execute(PRINT_42, context)
    result = await loop.execute({**PRINT_42, "id": "again"}, context)

    assert result.learned == ("Close the ledger before midnight.",)
    assert "1 of 2 insights not curated: 429" in result.learning_summary


async def test_a_later_round_of_reflection_that_fails_keeps_the_earlier_one(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    add = decide({"insight": 1, "action": "add"})
    model = scripted([RIGHT], [reflection(LESSON), ModelUnavailable("503")], [add])

    result = await learner(model, sandbox, options=ace_faithful()).execute(PRINT_42, context)

    assert (result.strategies_learned, result.calls) == (1, 3)


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
    merge = decide({"insight": 1, "action": "merge", "strategy": "str-00001", "content": "Add 1, always."})
    model = scripted([WRONG, RIGHT] * 2, [reflection(LESSON), reflection(more)], [merge])
    loop = learner(model, sandbox)

    await loop.execute(PRINT_42, context)
    await loop.execute({**PRINT_42, "id": "again"}, context)

    merged = loop.playbook.active[0]
    assert merged.content == "Add 1, always."
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


async def test_a_program_that_was_not_judged_in_time_is_still_paid_for(sandbox: Sandbox) -> None:
    model = scripted([WRONG, program("while True: pass")])
    context = WorkflowContext().with_timeout(1.5)

    result = await learner(model, sandbox, options=NEVER).execute(PRINT_42, context)

    assert (result.attempts, result.calls) == (1, 2)


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


async def test_the_settings_budget_is_fresh_for_each_call(sandbox: Sandbox) -> None:
    loop = SelfLearningCodePrimitive(
        model=scripted([RIGHT] * 3),
        sandbox=sandbox,
        store=MemoryStore(),
        options=NEVER,
        settings=Settings(budget_calls=1),
    )

    for _ in range(3):
        assert (await loop.execute(PRINT_42)).execution_success


async def test_two_budgets_are_refused(sandbox: Sandbox) -> None:
    loop = SelfLearningCodePrimitive(
        model=scripted([RIGHT]), sandbox=sandbox, store=MemoryStore(), budget=Budget(calls=9)
    )

    with pytest.raises(ConfigurationError, match="not to both"):
        await loop.execute(PRINT_42, WorkflowContext(budget=Budget(calls=1)))


@pytest.mark.parametrize("failure", [ModelUnavailable("503"), ModelOutputInvalid("garbage")])
async def test_a_reflector_that_fails_costs_the_lesson_and_not_the_result(
    sandbox: Sandbox, context: WorkflowContext, failure: Exception
) -> None:
    seen: list[Event] = []
    store = MemoryStore()

    result = await learner(scripted([WRONG, RIGHT], [failure]), sandbox, store).execute(
        PRINT_42,
        replace(context, sinks=(seen.append,)),
    )

    assert result.execution_success
    assert f"nothing learned from this run: {failure}" in result.learning_summary
    assert len(await store.episodes()) == 1
    assert [type(event) for event in seen].count(LearningSkipped) == 1


async def test_a_crashed_sandbox_is_tried_again_and_the_program_not_blamed(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    seen: list[Event] = []
    loop = learner(scripted([RIGHT]), CrashingSandbox(sandbox, 1), options=NEVER)

    result = await loop.execute(PRINT_42, replace(context, sinks=(seen.append,)))

    assert (result.execution_success, result.attempts) == (True, 1)
    assert [type(event) for event in seen].count(SandboxFailed) == 1


async def test_a_sandbox_that_keeps_crashing_is_an_error_and_nothing_is_stored(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    store = MemoryStore()

    with pytest.raises(SandboxCrashed):
        await learner(scripted([RIGHT]), CrashingSandbox(sandbox, 9), store).execute(PRINT_42, context)

    assert await store.episodes() == ()


async def test_a_language_that_cannot_run_is_refused_before_a_model_is_paid(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    model = scripted([RIGHT])

    with pytest.raises(SandboxUnavailable, match=r"'cobol' cannot be run here; supported: .*python"):
        await learner(model, sandbox).execute({"task": "x", "language": "cobol"}, context)

    assert model.requests == []


async def test_an_invalid_task_is_refused_before_anything_else(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    with pytest.raises(InvalidTask, match="unknown keys"):
        await learner(scripted(), sandbox).execute({"tsk": "x"}, context)


async def test_a_budget_that_ends_between_attempts_leaves_the_result_so_far(sandbox: Sandbox) -> None:
    model = scripted([WRONG, RIGHT], [reflection(LESSON)])
    context = WorkflowContext(budget=Budget(calls=1))

    result = await learner(model, sandbox).execute(PRINT_42, context)

    assert (result.execution_success, result.attempts, result.calls) == (False, 1, 1)
    assert "budget" in result.learning_summary


async def test_a_budget_too_small_for_anything_is_an_error(sandbox: Sandbox) -> None:
    model = ScriptedModel({Role.GENERATOR: [RIGHT]}, usage=Usage(input_tokens=500, calls=1))

    with pytest.raises(BudgetExceeded):
        await learner(model, sandbox).execute(PRINT_42, WorkflowContext(budget=Budget(tokens=100)))


async def test_the_constructor_budget_covers_all_calls_of_all_roles(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    budget = Budget(calls=3)
    model = scripted([WRONG, RIGHT, RIGHT], [reflection(LESSON)])
    loop = SelfLearningCodePrimitive(
        model=model, sandbox=sandbox, store=MemoryStore(), budget=budget, options=CERTAIN, settings=Settings()
    )

    await loop.execute(PRINT_42, context)
    assert budget.spent.calls == 3
    with pytest.raises(BudgetExceeded):
        await loop.execute(PRINT_42, context)


async def test_cancelling_leaves_the_playbook_as_it_was(sandbox: Sandbox, context: WorkflowContext) -> None:
    store = MemoryStore()
    endless = program("while True: pass")
    running = asyncio.create_task(learner(scripted([endless]), sandbox, store).execute(PRINT_42, context))
    await asyncio.sleep(0.3)

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await store.history() == ()


async def test_progress_is_reported_in_order(sandbox: Sandbox, context: WorkflowContext) -> None:
    seen: list[Event] = []
    loop = learner(scripted([WRONG, RIGHT], [reflection(LESSON)]), sandbox)

    await loop.execute(PRINT_42, replace(context, sinks=(seen.append,)))

    names = [type(event).__name__ for event in seen if not type(event).__name__.startswith("Span")]
    attempt = ["AttemptStarted", "ModelAnswered", "ProgramWritten", "AttemptJudged"]
    learned = ["ReflectionStarted", "ModelAnswered", "PlaybookChanged"]
    assert names == ["StrategiesChosen", *attempt, *attempt, *learned]
    judged = [event for event in seen if isinstance(event, AttemptJudged)]
    assert [event.attempt.verdict.success for event in judged] == [False, True]
    changed = next(event for event in seen if isinstance(event, PlaybookChanged))
    assert (changed.playbook_size, len(changed.outcomes)) == (1, 1)


async def test_code_in_a_fence_is_taken_out_of_it(sandbox: Sandbox, context: WorkflowContext) -> None:
    model = scripted([program("```python\nprint(42)\n```")])

    assert (
        await learner(model, sandbox, options=NEVER).execute(PRINT_42, context)
    ).code_generated == "print(42)"


async def test_a_playbook_file_outlives_the_learner(
    sandbox: Sandbox, context: WorkflowContext, tmp_path: Path
) -> None:
    file = tmp_path / "ace_playbook.json"
    model = scripted([WRONG, RIGHT], [reflection(LESSON)])
    async with SelfLearningCodePrimitive(
        file, model=model, sandbox=sandbox, options=CERTAIN, settings=Settings()
    ) as loop:
        await loop.execute(PRINT_42, context)

    later = SelfLearningCodePrimitive(file, model=scripted(), sandbox=sandbox, settings=Settings())
    assert later.playbook_size == 1
    assert later.success_rate == 1.0
    assert "parcelo.answer counts from one" in file.read_text(encoding="utf-8")
    await later.aclose()


def test_properties_can_be_read_where_no_loop_runs(tmp_path: Path) -> None:
    loop = SelfLearningCodePrimitive(tmp_path / "p.db", model=scripted(), settings=Settings())

    assert (loop.playbook_size, loop.success_rate, loop.improvement_score) == (0, 0.0, 0.0)
    assert loop.playbook.version == 0


async def test_without_any_model_the_message_says_what_to_set(
    tmp_path: Path, context: WorkflowContext
) -> None:
    async with SelfLearningCodePrimitive(tmp_path / "p.db", settings=Settings()) as loop:
        with pytest.raises(ConfigurationError, match="PLAYBOX_MODEL"):
            await loop.execute(PRINT_42, context)


def test_a_file_and_a_store_together_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="not both"):
        SelfLearningCodePrimitive(tmp_path / "p.db", store=MemoryStore(), settings=Settings())


def test_an_unknown_sandbox_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match="'moon'"):
        SelfLearningCodePrimitive(sandbox="moon", settings=Settings())


def test_the_loop_reads_as_the_idea() -> None:
    source, _ = inspect.getsourcelines(SelfLearningCodePrimitive._execute)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]

    assert len(source) <= 40


async def test_a_result_is_a_mapping_and_an_object(sandbox: Sandbox, context: WorkflowContext) -> None:
    result = await learner(scripted([RIGHT]), sandbox, options=NEVER).execute(PRINT_42, context)

    assert dict(result)["code_generated"] == result.code_generated == result["code_generated"]
    assert "verdict" in result
    assert result.get("no_such", 7) == 7
    assert result.get("score") == 1.0
    with pytest.raises(KeyError, match="'no_such' is not a result; there are result, code_generated"):
        result["no_such"]


async def test_a_deadline_that_passes_while_a_program_runs_is_not_a_verdict(sandbox: Sandbox) -> None:
    store = MemoryStore()
    endless = scripted([program("while True: pass")])

    with pytest.raises(DeadlineExceeded, match="while the program was being judged"):
        await learner(endless, sandbox, store).execute(PRINT_42, WorkflowContext().with_timeout(0.5))

    assert await store.episodes() == ()


async def test_a_deadline_after_an_attempt_leaves_the_result_so_far(sandbox: Sandbox) -> None:
    model = scripted([WRONG, program("while True: pass")])

    result = await learner(model, sandbox).execute(PRINT_42, WorkflowContext().with_timeout(1.5))

    assert (result.execution_success, result.attempts) == (False, 1)
    assert "stopped early: the deadline passed" in result.learning_summary
    assert "nothing learned from this run" in result.learning_summary


class FullStore(MemoryStore):
    """Has no room for anything more."""

    async def commit(self, commit: Commit) -> Committed:  # noqa: ARG002  # the store's signature
        raise StoreUnavailable("no space left on the disk of 'playbook.db'; free some and try again")


async def test_a_run_that_cannot_be_stored_still_hands_over_its_program(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    with pytest.raises(StoreUnavailable) as failed:
        await learner(scripted([RIGHT]), sandbox, FullStore(), options=NEVER).execute(PRINT_42, context)

    assert failed.value.__notes__ == ["the run is not stored; its program, passed:\nprint(42)"]


async def test_tasks_in_flight_together_lose_nothing(sandbox: Sandbox, context: WorkflowContext) -> None:
    lessons = [
        insight(f"Lesson {name} of the parcelo library.") for name in ("oak", "birch", "cedar", "maple")
    ]
    model = ScriptedModel(_answer_by_task(lessons))
    store = MemoryStore()
    loop = learner(model, sandbox, store)
    tasks: list[CodeTask] = [{**PRINT_42, "id": str(n), "max_iterations": 1} for n in range(4)]

    results = await asyncio.gather(*(loop.execute(task, context) for task in tasks))

    assert [result.execution_success for result in results] == [False] * 4
    assert loop.playbook_size == 4 == len(await store.episodes())
    assert loop.success_rate == 0.0


def _answer_by_task(lessons: list[Mapping[str, object]]) -> Callable[[Request[BaseModel]], Answer]:
    def answer(request: Request[BaseModel]) -> Answer:
        if request.role is Role.GENERATOR:
            return WRONG
        return reflection(lessons[int(request.task_id)]) if request.role is Role.REFLECTOR else decide()

    return answer
