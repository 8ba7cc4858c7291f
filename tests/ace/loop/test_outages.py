"""What fails around the program: models, sandbox, store, budget and time. Nothing is learned from it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.ace.loop.making import (
    CERTAIN,
    LESSON,
    NEAR,
    NEVER,
    PRINT_42,
    RIGHT,
    WRONG,
    CrashingSandbox,
    decide,
    insight,
    learner,
    program,
    reflection,
    scripted,
)
from tta_dev_primitives import Budget, WorkflowContext
from tta_dev_primitives.ace import SelfLearningCodePrimitive, ace_faithful
from tta_dev_primitives.ace.progress import LearningSkipped, SandboxFailed
from tta_dev_primitives.ace.store import Commit, Committed
from tta_dev_primitives.core.errors import (
    BudgetExceeded,
    CassetteError,
    ConfigurationError,
    DeadlineExceeded,
    ModelOutputInvalid,
    ModelRefused,
    ModelRejected,
    ModelUnavailable,
    SandboxCrashed,
    StoreUnavailable,
)
from tta_dev_primitives.core.events import Event
from tta_dev_primitives.llm.types import Role, Usage
from tta_dev_primitives.sandbox import Sandbox
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import MemoryStore, ScriptedModel


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


async def test_a_program_that_was_not_judged_in_time_is_still_paid_for(sandbox: Sandbox) -> None:
    model = scripted([WRONG, program("while True: pass")])
    context = WorkflowContext().with_timeout(3)

    result = await learner(model, sandbox, options=NEVER).execute(PRINT_42, context)

    assert (result.attempts, result.calls) == (1, 2)


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


async def test_a_deadline_that_passes_while_a_program_runs_is_not_a_verdict(sandbox: Sandbox) -> None:
    store = MemoryStore()
    endless = scripted([program("while True: pass")])

    with pytest.raises(DeadlineExceeded, match="while the program was being judged"):
        await learner(endless, sandbox, store).execute(PRINT_42, WorkflowContext().with_timeout(0.5))

    assert await store.episodes() == ()


async def test_a_deadline_after_an_attempt_leaves_the_result_so_far(sandbox: Sandbox) -> None:
    model = scripted([WRONG, program("while True: pass")])

    result = await learner(model, sandbox).execute(PRINT_42, WorkflowContext().with_timeout(3))

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
