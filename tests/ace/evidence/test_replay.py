from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from tests.ace.evidence.making import after, book, bullet_of, contradicting
from tests.ace.loop.making import CrashingSandbox, program
from tests.ace.making import adding
from tta_dev_primitives import WorkflowContext
from tta_dev_primitives.ace.bullet import Status
from tta_dev_primitives.ace.events import Promote, Seal
from tta_dev_primitives.ace.evidence.replay import Replayer
from tta_dev_primitives.ace.experience import Experience
from tta_dev_primitives.ace.loop import Loop
from tta_dev_primitives.ace.options import AceOptions
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.progress import StrategyReplayed
from tta_dev_primitives.ace.store import Commit
from tta_dev_primitives.ace.task import Task
from tta_dev_primitives.core.budget import Budget
from tta_dev_primitives.core.errors import ModelRejected, ModelUnavailable
from tta_dev_primitives.core.events import Event
from tta_dev_primitives.llm.types import Request
from tta_dev_primitives.sandbox import Limits, Sandbox
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import Answer, MemoryStore, ScriptedModel

LESSON, OTHER = "Add one to what parcels give.", "Mind parcels of any size."
BOOK = after(book(LESSON, OTHER), Promote(bullet="str-00002", status=Status.VALIDATED))
TASKS = [Task(task=f"Print parcels, day {n}.", id=f"t{n}", expected_output="42") for n in range(6)]
OPTIONS = AceOptions(probes=0)


def knowing(request: Request[BaseModel]) -> Answer:
    """Answer right if and only if the lesson is in the prompt."""
    return program("print(42)" if LESSON in request.prompt else "print(41)")


def shown_beside_it(prompt: str) -> list[str]:
    """Return what a prompt says beside the lesson and the marks of blocks, which are hashes."""
    marks = ("<data ", "</data ")
    return [line for line in prompt.splitlines() if LESSON not in line and not line.startswith(marks)]


def replayer(
    model: ScriptedModel, sandbox: Sandbox, playbook: Playbook = BOOK, options: AceOptions = OPTIONS
) -> Replayer:
    loop = Loop.connect(
        model=model, models=None, sandbox=sandbox, limits=Limits(), options=options, settings=Settings()
    )
    return Replayer(loop=loop, playbook=playbook, experience=Experience.of(options))


async def test_the_same_task_is_run_with_a_bullet_and_without(sandbox: Sandbox) -> None:
    model = ScriptedModel(knowing)
    replays = await replayer(model, sandbox).replay(TASKS[:1], WorkflowContext(), calls=10)

    (event,) = replays.events
    assert (event.bullet, event.task_id) == (bullet_of(BOOK, "str-00001").id, "t0")
    assert (event.with_success, event.without_success) == (True, False)
    assert (replays.calls, replays.stopped) == (2, "")
    with_it, without = sorted((request.prompt for request in model.requests), key=len, reverse=True)
    assert shown_beside_it(with_it) == shown_beside_it(without)
    assert OTHER in without


async def test_replays_are_stored_and_earn_a_badge(sandbox: Sandbox) -> None:
    store = MemoryStore()
    playbook = (await store.commit(adding(LESSON))).playbook
    found = replayer(ScriptedModel(knowing), sandbox, playbook)
    many = [task.model_copy(update={"id": f"n{n}"}) for n, task in enumerate(TASKS * 2)]
    replays = await found.replay(many, WorkflowContext(), calls=14)
    committed = await store.commit(Commit(run_id="r", replays=replays.events))

    bullet = bullet_of(committed.playbook, "str-00001")
    assert bullet.replays_won == 7
    assert found.experience.ledger.e_value(bullet) > 20


async def test_no_more_calls_are_made_than_are_allowed(sandbox: Sandbox) -> None:
    model = ScriptedModel(knowing)
    replays = await replayer(model, sandbox).replay(TASKS, WorkflowContext(), calls=5)

    assert len(model.requests) == replays.calls == 4
    assert not (await replayer(model, sandbox).replay(TASKS, WorkflowContext(), calls=1)).events


async def test_where_probes_are_offered_a_pair_may_take_twice_as_many(sandbox: Sandbox) -> None:
    model = ScriptedModel(knowing)
    replays = await replayer(model, sandbox, options=AceOptions()).replay(TASKS, WorkflowContext(), calls=5)

    assert len(replays.events) == 1


async def test_an_outage_ends_it_and_half_a_pair_proves_nothing(sandbox: Sandbox) -> None:
    answers: Iterator[Answer] = iter(
        [program("print(42)"), program("print(41)"), program("print(42)"), ModelUnavailable("down")]
    )
    model = ScriptedModel(lambda _: next(answers))
    replays = await replayer(model, sandbox).replay(TASKS, WorkflowContext(), calls=20)

    assert (len(replays.events), replays.calls) == (1, 3)  # the half that was answered was paid for
    assert "down" in replays.stopped


async def test_a_sandbox_that_fails_for_good_says_nothing_of_the_bullet(sandbox: Sandbox) -> None:
    broken = CrashingSandbox(sandbox, crashes=100)
    replays = await replayer(ScriptedModel(knowing), broken).replay(TASKS, WorkflowContext(), calls=20)

    assert not replays.events
    assert "zygote" in replays.stopped


async def test_the_budget_ends_it(sandbox: Sandbox) -> None:
    context = WorkflowContext(budget=Budget(calls=3))
    replays = await replayer(ScriptedModel(knowing), sandbox).replay(TASKS, context, calls=20)

    assert len(replays.events) == 1
    assert "calls" in replays.stopped


async def test_a_wrong_key_comes_out(sandbox: Sandbox) -> None:
    model = ScriptedModel(lambda _: ModelRejected("no such key"))
    with pytest.raises(ModelRejected):
        await replayer(model, sandbox).replay(TASKS, WorkflowContext(), calls=20)


async def test_what_contradicts_a_bullet_is_in_neither_run(sandbox: Sandbox) -> None:
    model = ScriptedModel(knowing)
    usual_first = after(book(OTHER, LESSON), Promote(bullet="str-00001", status=Status.VALIDATED))
    at_odds = contradicting(usual_first, "str-00001", "str-00002")
    replays = await replayer(model, sandbox, at_odds).replay(TASKS[:1], WorkflowContext(), calls=2)

    assert len(replays.events) == 1
    assert not any(OTHER in request.prompt for request in model.requests)


async def test_a_sealed_bullet_stands_in_its_place_of_the_core(sandbox: Sandbox) -> None:
    model = ScriptedModel(knowing)
    sealed = after(BOOK, Seal(bullet="str-00001"), Seal(bullet="str-00002"))
    await replayer(model, sandbox, sealed).replay(TASKS[:1], WorkflowContext(), calls=2)

    with_it = next(request.prompt for request in model.requests if LESSON in request.prompt)
    assert with_it.index(LESSON) < with_it.index(OTHER)
    assert with_it.count("# Strategies") == 1


async def test_each_pair_is_told_as_it_is_done(sandbox: Sandbox) -> None:
    seen: list[Event] = []
    context = WorkflowContext(sinks=(seen.append,))
    replays = await replayer(ScriptedModel(knowing), sandbox).replay(TASKS, context, calls=4)

    told = [event.replayed for event in seen if isinstance(event, StrategyReplayed)]
    assert tuple(told) == replays.events
    assert len(told) == 2
