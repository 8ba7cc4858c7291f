"""The learner with its evidence: what runs show is decided on, stored, and used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import BaseModel

from tests.ace.evidence.making import bullet_of
from tests.ace.loop.making import learner, program
from tests.ace.making import adding
from tta_dev_primitives import WorkflowContext
from tta_dev_primitives.ace import AceOptions, Reflect
from tta_dev_primitives.ace.bullet import Status
from tta_dev_primitives.ace.events import Promote, Retire, Seal, Suspend
from tta_dev_primitives.ace.progress import PlaybookChanged, StrategiesChosen
from tta_dev_primitives.ace.store import Commit, PlaybookStore, open_store
from tta_dev_primitives.core.events import Event
from tta_dev_primitives.llm.types import Request
from tta_dev_primitives.sandbox import Sandbox
from tta_dev_primitives.testing import Answer, MemoryStore, ScriptedModel

GOOD, BAD, IDLE = "Parcels: add one.", "Parcels: subtract one.", "Parcels are nice."
OPTIONS = AceOptions(reflect=Reflect.NEVER, probes=0, exploration=1.0, hold_out=0.0, decide_every=5, seed=0)


def obedient(request: Request[BaseModel]) -> Answer:
    """Do what the strategies in the prompt say; only the good one makes the program right."""
    right = GOOD in request.prompt and BAD not in request.prompt
    return program("print(42)" if right else "print(41)")


async def after_runs(
    sandbox: Sandbox, store: PlaybookStore, runs: int, options: AceOptions = OPTIONS
) -> list[Event]:
    """Return what was told while so many tasks were run, each a task of its own."""
    seen: list[Event] = []
    context = WorkflowContext(sinks=(seen.append,))
    loop = learner(ScriptedModel(obedient), sandbox, store, options)
    for number in range(runs):
        task = {"task": "Print parcels.", "expected_output": "42", "max_iterations": 1, "id": f"t{number}"}
        await loop.execute(task, context)
    return seen


async def test_what_helps_is_validated_and_sealed(sandbox: Sandbox) -> None:
    store = MemoryStore()
    await store.commit(adding(GOOD, IDLE))
    seen = await after_runs(sandbox, store, 20)

    playbook = await store.load()
    good, idle = (bullet_of(playbook, f"str-0000{n}") for n in (1, 2))
    assert good.status is Status.VALIDATED
    assert idle.status is Status.CANDIDATE
    assert playbook.core == (good,)
    decided = [event.decisions for event in seen if isinstance(event, PlaybookChanged) if event.decisions]
    assert any(
        isinstance(one, Promote) and one.e_value and one.e_value >= 20 for two in decided for one in two
    )


async def test_what_harms_is_given_up(sandbox: Sandbox) -> None:
    store = MemoryStore()
    await store.commit(adding(GOOD, BAD))
    await after_runs(sandbox, store, 25)

    bad = bullet_of(await store.load(), "str-00002")
    assert bad.status in {Status.SUSPENDED, Status.RETIRED}
    assert bad.evidence is not None
    assert bad.evidence.included >= 8


async def test_a_decision_stands_in_the_same_transaction_as_the_episode_and_tells_its_evidence(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    store = open_store(tmp_path / "p.db")
    await store.commit(adding(GOOD, IDLE))
    await after_runs(sandbox, store, 20)

    history, episodes = await store.history(), await store.episodes()
    decided = [s.recorded for s in history if isinstance(s.recorded.event, Promote | Suspend | Retire)]
    runs = {episode.run_id for episode in episodes}
    assert decided
    for item in decided:
        assert item.run_id in runs
        assert isinstance(item.event, Promote | Suspend | Retire)
        assert item.event.evidence is not None
        assert item.event.evidence.window % 5 == 0
    assert any(isinstance(stored.recorded.event, Seal) for stored in history)
    again = await open_store(tmp_path / "p.db").load()
    assert bullet_of(again, "str-00001").evidence == bullet_of(await store.load(), "str-00001").evidence


async def test_another_learner_of_the_same_store_chooses_alike(sandbox: Sandbox) -> None:
    store = MemoryStore()
    await store.commit(adding(GOOD, BAD, IDLE))
    await after_runs(sandbox, store, 12)
    usual = replace(OPTIONS, exploration=0.0, seed=9)

    chosen = [
        next(
            event
            for event in await after_runs(sandbox, twin, 1, usual)
            if isinstance(event, StrategiesChosen)
        )
        for twin in (await _copy(store), await _copy(store))
    ]
    assert chosen[0].selection == chosen[1].selection
    assert [bullet.content for bullet in chosen[0].selection.bullets] != [GOOD, BAD, IDLE]


async def _copy(store: MemoryStore) -> MemoryStore:
    """Return a store with the same episodes and bullets."""
    copy = MemoryStore(clock=iter(range(1, 10**6)).__next__)
    await copy.commit(adding(GOOD, BAD, IDLE))
    for episode in await store.episodes():
        await copy.commit(Commit(run_id="r", episode=episode))
    return copy


@pytest.mark.parametrize("every", [0, 1000])
async def test_nothing_is_decided_where_nothing_is_due(sandbox: Sandbox, every: int) -> None:
    store = MemoryStore()
    await store.commit(adding(GOOD))
    await after_runs(sandbox, store, 12, replace(OPTIONS, decide_every=every))

    assert bullet_of(await store.load(), "str-00001").status is Status.CANDIDATE
