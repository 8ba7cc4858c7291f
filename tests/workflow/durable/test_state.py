"""What a step changes in the state is kept and comes back when the step is skipped."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress

import pytest

from tta_dev_primitives import LambdaPrimitive, ParallelDictPrimitive, WorkflowContext
from tta_dev_primitives.core.errors import NotKeepable, RunUndone
from tta_dev_primitives.workflow import Journal

from .steps import Counted


def write(data: int, context: WorkflowContext) -> int:
    context.state["put"] = {"deep": [data]}
    context.state["list"].append(data)  # type: ignore[attr-defined]
    del context.state["gone"]
    return data


def read(data: int, context: WorkflowContext) -> dict[str, object]:
    del data
    return {key: value for key, value in context.state.items() if key != "lock"}


def fresh() -> WorkflowContext:
    return WorkflowContext(state={"list": [0], "gone": 1, "lock": threading.Lock()})


async def test_a_skipped_step_changes_the_state_as_it_did(journal: Journal) -> None:
    counted = Counted()
    workflow = LambdaPrimitive(write, idempotent=False) >> counted.step("a") >> LambdaPrimitive(read)
    counted.fail("a", LookupError())
    with pytest.raises(LookupError):
        await journal.run(workflow, 7, fresh(), resume="run")
    expected = {"list": [0, 7], "put": {"deep": [7]}}
    assert await journal.run(workflow, 7, fresh(), resume="run") == expected


async def test_a_run_that_is_done_changes_the_state_as_it_did(journal: Journal) -> None:
    workflow = LambdaPrimitive(write, idempotent=True)
    for _ in range(2):
        context = fresh()
        await journal.run(workflow, 7, context, resume="run")
        assert await LambdaPrimitive(read).execute(0, context) == {"list": [0, 7], "put": {"deep": [7]}}


async def test_a_merge_sees_the_same_changes_of_a_skipped_branch(journal: Journal) -> None:
    counted = Counted()

    def rewrite(data: int, context: WorkflowContext) -> int:
        context.state["list"] = [0]  # equal to what is there, and another object
        return data

    def labels(state: Mapping[str, object], changes: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
        del state
        return {"changed": {label: sorted(change) for label, change in changes.items()}}

    def first(outs: dict[str, int]) -> int:
        return outs["0"]

    branches = ParallelDictPrimitive({"0": rewrite, "1": rewrite}, merge=labels)
    workflow = branches >> first >> counted.step("a")
    counted.fail("a", LookupError())
    for _ in range(2):
        context = WorkflowContext(state={"list": [0]})
        with suppress(LookupError):
            await journal.run(workflow, 7, context, resume="run")
        assert context.state["changed"] == {"0": ["list"], "1": ["list"]}
    assert counted.calls == ["a(7)", "a(7)"]


async def test_each_branch_has_its_own(journal: Journal) -> None:
    counted = Counted()

    def put(data: int, context: WorkflowContext) -> int:
        assert "seen" not in context.state
        context.state["seen"] = data
        return data

    def get(data: int, context: WorkflowContext) -> int:
        seen = context.state["seen"]
        assert isinstance(seen, int)
        return data + seen

    branch = LambdaPrimitive(put, idempotent=False) >> counted.step("a") >> LambdaPrimitive(get)
    other = counted.step("b", add=10) >> LambdaPrimitive(put, idempotent=False) >> LambdaPrimitive(get)
    counted.fail("a", LookupError())
    with pytest.raises(LookupError):
        await journal.run(branch | other, 1, resume="run")
    journal_says = {step.path: step.status for step in journal.show("run")}
    if journal_says.get("/1/1") == "started":  # cancelled in its middle, as siblings of a failure are
        journal.retry("run", "/1/1")
    context = WorkflowContext()
    assert await journal.run(branch | other, 1, context, resume="run") == (3, 22)
    assert context.state == {}


async def test_what_cannot_be_kept_is_refused(journal: Journal) -> None:
    def put(data: int, context: WorkflowContext) -> int:
        context.state["lock"] = threading.Lock()
        return data

    with pytest.raises(NotKeepable, match="step 'put' put into the state as 'lock'"):
        await journal.run(LambdaPrimitive(put), 1, resume="run")


async def test_a_run_whose_effects_were_undone_is_not_resumed(journal: Journal) -> None:
    counted = Counted()

    async def undo(data: int, context: WorkflowContext) -> int:
        assert context.journal is not None
        await context.journal.undoing(context, LookupError("no stock"))
        return data

    workflow = counted.step("a") >> LambdaPrimitive(undo) >> counted.step("b")
    counted.fail("b", ConnectionError())
    with pytest.raises(ConnectionError):
        await journal.run(workflow, 1, resume="run")
    assert [run.status for run in journal.runs()] == ["undone"]
    with pytest.raises(RunUndone, match="LookupError: no stock at /1"):
        await journal.run(workflow, 1, resume="run")
    assert counted.calls == ["a(1)", "b(2)"]
