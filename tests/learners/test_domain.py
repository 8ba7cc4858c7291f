"""A domain learner is the code learner with the domain's checks, name, words and starter playbook."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.ace.loop.making import CERTAIN, CrashingSandbox, insight, program, reflection, scripted
from tests.learners.toy import Multiple, ToyLearner
from tta_dev_primitives import WorkflowContext
from tta_dev_primitives.ace import AceOptions
from tta_dev_primitives.ace.bullet import Status
from tta_dev_primitives.ace.delta import Delta, RetireBullet
from tta_dev_primitives.ace.store import Commit
from tta_dev_primitives.ace.vocabulary import Vocabulary
from tta_dev_primitives.core.errors import ConfigurationError, InvalidTask, SandboxCrashed
from tta_dev_primitives.learners.domain import Domain
from tta_dev_primitives.sandbox import Sandbox
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import MemoryStore, ScriptedModel

SEVEN = Multiple(ask="Print a multiple with the abacus library.", of=7)
LESSON = reflection(insight("Here only sevens count; NoMultiple says that it was another number."))


def learner(
    model: ScriptedModel,
    sandbox: Sandbox,
    store: MemoryStore | None = None,
    *,
    options: AceOptions = CERTAIN,
    starter: bool = False,
) -> ToyLearner:
    return ToyLearner(
        model=model,
        sandbox=sandbox,
        store=store or MemoryStore(),
        options=options,
        settings=Settings(),
        starter=starter,
    )


async def test_what_it_learns_is_of_its_domain_and_found_by_its_words(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    toys = learner(scripted([program("print(6)"), program("print(7)")], [LESSON]), sandbox)

    result = await toys.execute(SEVEN, context)

    assert (result.execution_success, result.attempts, result.strategies_learned) == (True, 2, 1)
    (bullet,) = toys.playbook.active
    assert bullet.domain == "toys"
    assert bullet.trigger.libraries == ("abacus",)
    assert bullet.trigger.error_signatures == ("NoMultiple",)
    assert bullet.trigger.keywords == ("multiple",)


async def test_it_tells_how_it_fares_as_the_code_learner_does(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    toys = learner(scripted([program("print(6)"), program("print(7)")], [LESSON]), sandbox)
    assert (toys.success_rate, toys.playbook_size) == (0.0, 0)

    await toys.execute(SEVEN, context)

    assert (toys.success_rate, toys.playbook_size, toys.improvement_score) == (1.0, 1, 0.0)


async def test_a_task_of_another_kind_is_refused_by_name(sandbox: Sandbox, context: WorkflowContext) -> None:
    toys = learner(scripted([], []), sandbox)

    with pytest.raises(
        InvalidTask, match=r"ToyLearner takes tasks of the type Multiple, not \{'ask': 'Print seven\.'\}"
    ):
        await toys.execute({"ask": "Print seven."}, context)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def test_a_lesson_is_used_in_the_next_task(sandbox: Sandbox, context: WorkflowContext) -> None:
    model = scripted([program("print(6)"), program("print(7)"), program("print(14)")], [LESSON])
    toys = learner(model, sandbox)

    await toys.execute(SEVEN, context)
    second = await toys.execute(replace(SEVEN, ask="Print another multiple."), context)

    assert (second.attempts, second.strategies_used) == (1, ("str-00001",))
    assert "Here only sevens count" in model.requests[-1].prompt


async def test_a_name_of_the_users_own_stays(sandbox: Sandbox, context: WorkflowContext) -> None:
    own = replace(CERTAIN, domain="mine")
    toys = learner(scripted([program("print(6)"), program("print(7)")], [LESSON]), sandbox, options=own)

    await toys.execute(SEVEN, context)

    (bullet,) = toys.playbook.active
    assert (bullet.domain, bullet.trigger.libraries) == ("mine", ("abacus",))


async def test_a_task_that_no_program_can_solve_costs_nothing(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    model = scripted()

    with pytest.raises(InvalidTask, match="of=0"):
        await learner(model, sandbox).execute(replace(SEVEN, of=0), context)

    assert model.requests == []


async def test_an_outage_of_the_sandbox_is_no_verdict(sandbox: Sandbox, context: WorkflowContext) -> None:
    store = MemoryStore()
    toys = learner(scripted([program("print(6)")]), CrashingSandbox(sandbox, crashes=2), store)

    with pytest.raises(SandboxCrashed):
        await toys.execute(SEVEN, context)

    assert await store.episodes() == ()


async def test_a_starter_playbook_is_of_candidates_and_says_so(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    model = scripted([program("print(0)")], [reflection()])
    toys = learner(model, sandbox, starter=True)

    result = await toys.execute(SEVEN, context)

    (bullet,) = toys.playbook.active
    assert (bullet.status, bullet.evidence, bullet.domain) == (Status.CANDIDATE, None, "toys")
    assert (bullet.provenance.origin, bullet.provenance.actor) == ("starter", "starter")
    assert result.strategies_used == (bullet.alias,)
    assert result.strategies_learned == 0
    assert bullet.content in model.requests[0].prompt


async def test_without_it_a_playbook_starts_empty(sandbox: Sandbox, context: WorkflowContext) -> None:
    toys = learner(scripted([program("print(0)")], [reflection()]), sandbox)

    assert (await toys.execute(SEVEN, context)).strategies_used == ()
    assert toys.playbook.size == 0


async def test_a_starter_strategy_that_was_retired_stays_so(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    store = MemoryStore()
    await learner(scripted([program("print(0)")], [reflection()]), sandbox, store, starter=True).execute(
        SEVEN, context
    )
    (bullet,) = (await store.load()).active
    retire = RetireBullet(bullet=bullet.id, reason="harms")
    await store.commit(Commit(run_id="r", delta=Delta(operations=(retire,), provenance=bullet.provenance)))

    again = learner(scripted([program("print(0)")], [reflection()]), sandbox, store, starter=True)
    await again.execute(SEVEN, context)

    assert again.playbook.size == 0
    assert len(again.playbook.bullets) == 1


def test_a_domain_without_a_starter_playbook_says_so(tmp_path: Path) -> None:
    class Bare(ToyLearner):
        domain = Domain(name="bare", vocabulary=Vocabulary())

    with pytest.raises(ConfigurationError, match="bare has no starter playbook"):
        Bare(tmp_path / "playbook.db", starter=True, settings=Settings())


def test_the_code_learner_is_the_step_inside(sandbox: Sandbox) -> None:
    toys = learner(scripted(), sandbox)

    assert toys.children == {"code": toys.code_learner}
