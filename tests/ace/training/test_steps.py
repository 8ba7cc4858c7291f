"""Steps after a batch are done once each, and what they store is stored once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import BaseModel

from tests.ace.training.making import CERTAIN, LESSONS, Trial, contents, learner, scripted, task_set
from tta_dev_primitives.ace.bullet import Provenance
from tta_dev_primitives.ace.content import Kind
from tta_dev_primitives.ace.delta import AddBullet, Delta
from tta_dev_primitives.ace.options import AceOptions
from tta_dev_primitives.ace.store import Commit, SqliteStore
from tta_dev_primitives.ace.training.steps import BatchDone, Step, StepDone
from tta_dev_primitives.ace.training.trainer import Plan
from tta_dev_primitives.core import WorkflowContext
from tta_dev_primitives.core.errors import ModelUnavailable
from tta_dev_primitives.llm.types import Request
from tta_dev_primitives.testing import Answer


def noting(batches: list[BatchDone], calls: list[int], fails_after: int = 99) -> Step:
    """Add a strategy after each batch, at the price of two calls."""

    async def step(batch: BatchDone, made: int, context: WorkflowContext) -> StepDone:
        if len(batches) == fails_after:
            raise ModelUnavailable("503")
        batches.append(batch)
        calls.append(made)
        origin = Provenance(
            task_id=batch.part.scope, run_id=context.workflow_id, model="", actor="rule", origin="live"
        )
        add = AddBullet(kind=Kind.CHECK, content=f"Step {len(batches)}: {batch.part.scope} {batch.before}.")
        delta = Delta(operations=(add,), provenance=origin)
        return StepDone(commit=Commit(run_id=context.workflow_id, delta=delta), calls=2)

    return step


async def test_a_step_sees_each_batch_once_and_stores_what_it_returns(tmp_path: Path) -> None:
    batches, calls = list[BatchDone](), list[int]()
    trial = await Trial.begin(tmp_path / "run", task_set(4), Plan(in_flight=2), scripted())
    await trial.do(steps=[noting(batches, calls)])
    await trial.do(steps=[noting(batches, calls)])

    assert [(batch.part.scope, len(batch.tasks)) for batch in batches] == [("train-1-0", 2), ("train-1-1", 4)]
    assert calls == [0, 2]
    assert [len(batch.results) for batch in batches] == [2, 4]
    assert [batch.experience.record.seen for batch in batches] == [2, 4]
    learned = contents(await trial.playbook())
    assert [content for content in learned if content.startswith("Step")] == [
        "Step 1: train-1-0 0.",
        f"Step 2: train-1-1 {batches[1].before}.",
    ]
    assert batches[1].before > batches[0].playbook.version


async def test_a_step_that_fails_is_done_when_the_run_goes_on(tmp_path: Path) -> None:
    batches, calls = list[BatchDone](), list[int]()
    model = scripted()
    trial = await Trial.begin(tmp_path / "run", task_set(4), Plan(in_flight=2), model)
    with pytest.raises(ModelUnavailable):
        await trial.do(steps=[noting(batches, calls, fails_after=1)])
    asked = len(model.requests)
    await trial.do(steps=[noting(batches, calls)])
    assert [batch.part.scope for batch in batches] == ["train-1-0", "train-1-1"]
    assert len(model.requests) == asked


def failing_in_replays(request: Request[BaseModel]) -> Answer:
    return ModelUnavailable("503") if " without" in request.task_id else learner(request)


@pytest.fixture
def doubting() -> AceOptions:
    return replace(CERTAIN, replay_share=0.5)


async def test_what_is_in_doubt_is_replayed_within_its_share(tmp_path: Path, doubting: AceOptions) -> None:
    model = scripted()
    trial = await Trial.begin(tmp_path / "run", task_set(6), Plan(), model, options=doubting)
    await trial.do()

    replayed = [request.task_id for request in model.requests if " with" in request.task_id]
    others = len(model.requests) - len(replayed)
    assert 0 < len(replayed) <= others / 2
    history = await SqliteStore(trial.folder.path / "playbook.db").history()
    events = [stored.recorded.event for stored in history if stored.recorded.event.type == "replayed"]
    assert len(events) == len(replayed) / 2


async def test_an_outage_while_replaying_stores_nothing_of_it(tmp_path: Path, doubting: AceOptions) -> None:
    trial = await Trial.begin(tmp_path / "run", task_set(6), Plan(), scripted(), options=doubting)
    with pytest.raises(ModelUnavailable):
        await trial.do(model=scripted(failing_in_replays))
    version = (await trial.playbook()).version
    whole = await Trial.begin(tmp_path / "whole", task_set(6), Plan(), scripted(), options=doubting)
    await whole.do()
    await trial.do()
    assert (await trial.playbook()).version == (await whole.playbook()).version > version
    assert contents(await trial.playbook()) == list(LESSONS.values())
