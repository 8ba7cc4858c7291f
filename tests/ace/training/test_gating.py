"""What training does after each batch by itself: the gate, duplicates and contradictions."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import pytest
from pydantic import BaseModel

from tests.ace.making import adding
from tests.ace.training.making import LESSONS, Trial, contents, learner, scripted, task_set
from tta_dev_primitives.ace.events import GateResult
from tta_dev_primitives.ace.gate import GateDecided, GateOptions, GateReport
from tta_dev_primitives.ace.store import SqliteStore
from tta_dev_primitives.ace.training.gating import Gating
from tta_dev_primitives.ace.training.open_run import Means
from tta_dev_primitives.ace.training.run import do_run
from tta_dev_primitives.ace.training.split import Split
from tta_dev_primitives.ace.training.trainer import Plan
from tta_dev_primitives.core import WorkflowContext
from tta_dev_primitives.core.errors import ModelUnavailable
from tta_dev_primitives.core.events import Event
from tta_dev_primitives.llm import types
from tta_dev_primitives.llm.types import Role
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import Answer, ScriptedModel

Request: TypeAlias = types.Request[BaseModel]
POISON = "Print the number as it is asked for, whatever the library."
HELD_OUT = task_set(12, first=100)


def misled(request: Request) -> Answer:
    """Learn something wrong from quillon, and follow it."""
    if request.role is Role.REFLECTOR and "with quillon" in request.prompt:
        insight = {"kind": "rule", "content": POISON, "libraries": list(LESSONS)}
        return {"diagnosis": "quillon is odd", "insights": [insight]}
    if request.role is Role.GENERATOR and POISON in request.prompt and request.attempt == 1:
        number = int(request.task_id.removeprefix("t"))
        return {"plan": "print it", "code": f"print({number})"}
    return learner(request)


async def gated(trial: Trial, model: ScriptedModel, events: list[Event]) -> None:
    """Do the run with a gate that opens after each change."""
    store = SqliteStore(trial.folder.path / "playbook.db")
    step = Gating(store=store, held_out=HELD_OUT.tasks, options=GateOptions(every=1, in_flight=2))
    means = Means(models=dict.fromkeys(Role, model), sandbox=trial.sandbox, settings=Settings())
    await do_run(trial.folder, means, WorkflowContext(sinks=(events.append,)), steps=[step])


def reports(events: list[Event]) -> list[GateReport]:
    return [event.report for event in events if isinstance(event, GateDecided)]


async def test_what_harms_held_out_tasks_is_rolled_back_during_training(tmp_path: Path) -> None:
    model, events = scripted(misled), list[Event]()
    split = Split(train=task_set(3), validation=HELD_OUT)
    trial = await Trial.begin(tmp_path / "run", split, Plan(), model)

    await gated(trial, model, events)

    found = reports(events)
    assert [report.result for report in found] == [
        GateResult.ACCEPTED,
        GateResult.ROLLED_BACK,
        GateResult.ACCEPTED,
    ]
    assert [culprit.content for culprit in found[1].culprits] == [POISON]
    assert contents(await trial.playbook()) == [LESSONS["parcelo"], LESSONS["vastrix"]]
    asked = [(r.task_id, r.prompt) for r in model.requests if r.role is Role.GENERATOR]
    held_out = [each for each in asked if each[0] in {task.id for task in HELD_OUT.tasks}]
    assert len(held_out) == len(set(held_out))


async def test_a_gate_that_an_outage_ends_goes_on_where_it_stopped(tmp_path: Path) -> None:
    left = [15]

    def failing(request: Request) -> Answer:
        left[0] -= 1
        return ModelUnavailable("503") if left[0] == 0 else misled(request)

    model, events = scripted(failing), list[Event]()
    split = Split(train=task_set(3), validation=HELD_OUT)
    trial = await Trial.begin(tmp_path / "run", split, Plan(), model)
    with pytest.raises(ModelUnavailable, match="503"):
        await gated(trial, model, events)
    await gated(trial, model, events)
    assert contents(await trial.playbook()) == [LESSONS["parcelo"], LESSONS["vastrix"]]


async def test_duplicates_and_contradictions_in_the_playbook_to_begin_with(tmp_path: Path) -> None:
    before = SqliteStore(tmp_path / "before.db")
    await before.commit(adding("Rows start at 1.", "Always rows start at one", "Rows start at 0."))
    trial = await Trial.begin(
        tmp_path / "run", task_set(1), Plan(), scripted(), playbook=tmp_path / "before.db"
    )
    await trial.do()
    playbook = await trial.playbook()
    assert contents(playbook) == ["Rows start at 1.", "Rows start at 0.", LESSONS["parcelo"]]
    assert [bool(bullet.conflicts) for bullet in playbook.active] == [True, True, False]
