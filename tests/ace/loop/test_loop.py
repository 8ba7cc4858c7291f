"""The whole loop through its public class: scripted models, real sandbox, real or in-memory stores."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import BaseModel

from tests.ace.loop.making import (
    CERTAIN,
    LESSON,
    NEVER,
    PRINT_42,
    RIGHT,
    WRONG,
    decide,
    insight,
    learner,
    program,
    reflection,
    scripted,
)
from tta_dev_primitives import WorkflowContext
from tta_dev_primitives.ace import CodeTask, SelfLearningCodePrimitive
from tta_dev_primitives.ace.progress import AttemptJudged, PlaybookChanged
from tta_dev_primitives.core.errors import (
    ConfigurationError,
    InvalidTask,
    SandboxUnavailable,
)
from tta_dev_primitives.core.events import Event
from tta_dev_primitives.llm.types import Request, Role
from tta_dev_primitives.sandbox import Sandbox
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import Answer, MemoryStore, ScriptedModel


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


async def test_the_error_and_the_speed_of_each_program_are_recorded(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    slow = "def total(n):\n    s = 0\n    for i in range(n):\n        s += i\n    return s\n"
    asked = {"task": "Make it faster.", "code": slow, "tests": "assert total(5) == 10"}
    model = scripted(
        [program("def total(n): return n // 0"), program("def total(n): return n * (n - 1) // 2")],
        [reflection(LESSON)],
    )
    store = MemoryStore()

    result = await learner(model, sandbox, store).execute({**asked, "workload": "total(3_000_000)"}, context)

    wrong, right = (await store.episodes())[0].attempts
    assert (wrong.error_signature, wrong.speedup) == ("ZeroDivisionError", None)
    assert (right.error_signature, right.speedup) == ("", result.speedup)
    assert right.speedup is not None


async def test_all_attempts_failing_is_a_result_that_is_learned_from(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    loop = learner(scripted([WRONG] * 3, [reflection(LESSON)]), sandbox)

    result = await loop.execute(PRINT_42, context)

    assert (result.execution_success, result.attempts, result.verdict) == (False, 3, "tests_failed")
    assert result.strategies_learned == 1
    assert "failed (tests_failed) after 3 attempts" in result.learning_summary


async def test_a_language_that_cannot_run_is_refused_before_a_model_is_paid(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    model = scripted([RIGHT])

    with pytest.raises(SandboxUnavailable, match=r"'cobol' cannot be run here; supported: .*python"):
        await learner(model, sandbox).execute({"task": "x", "language": "cobol"}, context)

    assert model.requests == []


async def test_a_run_that_no_store_could_keep_is_refused_before_a_model_is_paid(sandbox: Sandbox) -> None:
    model = scripted([RIGHT])

    with pytest.raises(ConfigurationError, match="run_id='a\\\\x00b' cannot be stored"):
        await learner(model, sandbox).execute(PRINT_42, WorkflowContext(workflow_id="a\0b"))

    assert model.requests == []


async def test_an_invalid_task_is_refused_before_anything_else(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    with pytest.raises(InvalidTask, match="unknown keys"):
        await learner(scripted(), sandbox).execute({"tsk": "x"}, context)


async def test_progress_is_reported_in_order(sandbox: Sandbox, context: WorkflowContext) -> None:
    seen: list[Event] = []
    loop = learner(scripted([WRONG, RIGHT], [reflection(LESSON)]), sandbox)

    await loop.execute(PRINT_42, replace(context, sinks=(seen.append,)))

    names = [type(event).__name__ for event in seen if not type(event).__name__.startswith("Span")]
    attempt = ["AttemptStarted", "ModelAnswered", "ProgramWritten", "CodeRan", "AttemptJudged"]
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


async def test_a_workload_that_cannot_run_is_found_before_a_model_is_paid(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    model = scripted([RIGHT])

    with pytest.raises(InvalidTask, match="no_such_name"):
        await learner(model, sandbox).execute(
            {**PRINT_42, "code": "x = 1", "workload": "no_such_name()"}, context
        )

    assert model.requests == []


async def test_a_task_in_a_variable_and_models_in_a_variable_are_taken(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    task = {"task": "Print 42.", "expected_output": "42"}
    models = {Role.GENERATOR: scripted([RIGHT]), Role.REFLECTOR: scripted(), Role.CURATOR: scripted()}
    loop = SelfLearningCodePrimitive(
        models=models, sandbox=sandbox, store=MemoryStore(), options=NEVER, settings=Settings()
    )

    assert (await loop.execute(task, context)).execution_success
