"""A run goes on where it stopped, to the same end, and pays for nothing twice."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel

from tests.ace.training.making import Slow, Trial, contents, learner, scripted, stable, task_set
from tests.cli.conftest import ENVIRONMENT
from tests.cli.in_process_sandbox import InProcessSandbox
from tta_dev_primitives.ace.training.config import Mode
from tta_dev_primitives.ace.training.split import Split
from tta_dev_primitives.ace.training.trainer import Plan
from tta_dev_primitives.core import Budget, WorkflowContext
from tta_dev_primitives.core.budget import Spend
from tta_dev_primitives.core.errors import (
    BudgetExceeded,
    ConfigurationError,
    DeadlineExceeded,
    ModelUnavailable,
    SandboxCrashed,
)
from tta_dev_primitives.llm.types import Reply, Request, T
from tta_dev_primitives.testing import Answer

ROOT = Path(__file__).parents[3]
KILLING = Path(__file__).with_name("killing.py")


@pytest.mark.parametrize(("plan", "every"), [("offline", 13), ("online", 11)])
def test_killed_at_any_point_it_comes_to_the_same_and_pays_the_same(
    tmp_path: Path, plan: str, every: int
) -> None:
    path = os.pathsep.join([ENVIRONMENT["PYTHONPATH"], str(ROOT)])
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, str(KILLING), str(tmp_path), plan, str(every)],
        env=ENVIRONMENT | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["different"] == []
    assert told["kills"] >= 5


async def test_what_is_finished_is_not_done_again(tmp_path: Path) -> None:
    model = scripted()
    tasks = Split(train=task_set(4), validation=task_set(2, first=20))
    trial = await Trial.begin(tmp_path / "run", tasks, Plan(epochs=2, in_flight=2), model)
    first, asked = await trial.do(), len(model.requests)
    before = (trial.folder.path / "results.jsonl").read_bytes()  # a small file
    second = await trial.do()

    assert len(model.requests) == asked
    assert (trial.folder.path / "results.jsonl").read_bytes() == before  # as above
    assert first.model_dump(exclude={"seconds"}) == second.model_dump(exclude={"seconds"})


class Failing(InProcessSandbox):
    """Fails as a sandbox from the `left`-th run on, until it is mended."""

    def __init__(self, left: int) -> None:
        super().__init__()
        self._left = left

    async def run_code(self, code: str, **_: object) -> object:  # type: ignore[override]
        self._left -= 1
        self._failure = SandboxCrashed("the zygote died") if self._left < 0 else None
        return await super().run_code(code)


@pytest.mark.parametrize("after", [0, 3, 7])
async def test_an_outage_stops_the_run_and_is_never_learned_from(tmp_path: Path, after: int) -> None:
    plan, tasks = Plan(epochs=2, in_flight=3), task_set(4)
    whole = await Trial.begin(tmp_path / "whole", tasks, plan, scripted())
    await whole.do()

    left = iter(range(after))

    def unreliable(request: Request[BaseModel]) -> Answer:
        return ModelUnavailable("503") if next(left, None) is None else learner(request)

    trial = await Trial.begin(tmp_path / "run", tasks, plan, scripted())
    with pytest.raises(ModelUnavailable):
        await trial.do(model=scripted(unreliable))
    stopped = json.loads((trial.folder.path / "summary.json").read_text())  # a small file
    assert (stopped["finished"], stopped["stopped"]) == (False, "ModelUnavailable: 503")

    rest = scripted()
    await trial.do(model=rest)
    assert len(rest.requests) == len(whole.model.requests) - after  # type: ignore[attr-defined]
    assert stable(trial.results()) == stable(whole.results())
    assert contents(await trial.playbook()) == contents(await whole.playbook())


async def test_a_sandbox_that_fails_stops_the_run(tmp_path: Path) -> None:
    model = scripted()
    trial = await Trial.begin(tmp_path / "run", task_set(4), Plan(in_flight=2), model)
    broken = Trial(folder=trial.folder, model=model, sandbox=Failing(3))  # type: ignore[arg-type]
    with pytest.raises(SandboxCrashed):
        await broken.do()
    assert not any(result.success is False for result in trial.results())
    await trial.do()
    assert len(trial.results()) == 4


@pytest.mark.parametrize("mode", [Mode.OFFLINE, Mode.ONLINE, Mode.EVALUATE])
async def test_a_budget_covers_the_whole_run_however_often_it_goes_on(tmp_path: Path, mode: Mode) -> None:
    plan = Plan(mode=mode, in_flight=3, window=2)
    whole_model, model = scripted(), scripted()
    whole = await Trial.begin(tmp_path / "whole", task_set(6), plan, whole_model)
    await whole.do()
    all_calls = len(whole_model.requests)
    trial = await Trial.begin(tmp_path / "run", task_set(6), plan, model)

    for calls in range(1, all_calls, 3):
        with pytest.raises(BudgetExceeded):
            await trial.do(model=Slow(model, calls), budget=Budget(calls=calls))
        assert len(model.requests) <= calls
    with pytest.raises(BudgetExceeded, match=r"has spent \d+ calls"):
        await trial.do(budget=Budget(calls=1))
    await trial.do(budget=Budget(calls=all_calls))
    assert len(model.requests) == all_calls
    assert stable(trial.results()) == stable(whole.results())


async def test_a_budget_is_used_up_also_with_many_in_flight(tmp_path: Path) -> None:
    """Each call reserves more than it costs; those that do not fit at once wait for the others."""
    model = Reserving(scripted(), seed=0)
    trial = await Trial.begin(tmp_path / "run", task_set(6), Plan(in_flight=6), model)
    await trial.do(budget=Budget(tokens=40_000))
    assert len(trial.results()) == 6


class Reserving(Slow):
    """Reserves ten thousand tokens for each call, as a live model does, and uses few."""

    async def ask(self, request: Request[T], context: WorkflowContext) -> Reply[T]:
        assert context.budget is not None
        held = context.budget.reserve(Spend(tokens=10_000))
        try:
            await asyncio.sleep(0)
            return await super().ask(request, context)
        finally:
            context.budget.settle(held, Spend())


async def test_a_deadline_stops_the_run(tmp_path: Path) -> None:
    trial = await Trial.begin(tmp_path / "run", task_set(2), Plan(), scripted())
    with pytest.raises(DeadlineExceeded):
        await trial.do(seconds=1e-9)
    assert trial.results() == ()
    await trial.do()
    assert len(trial.results()) == 2


async def test_a_damaged_result_is_named(tmp_path: Path) -> None:
    trial = await Trial.begin(tmp_path / "run", task_set(1), Plan(), scripted())
    (trial.folder.path / "results.jsonl").write_text('{"phase": "train"}\n')  # a small file
    with pytest.raises(ConfigurationError, match=r"results.jsonl, line 1: epoch"):
        await trial.do()
