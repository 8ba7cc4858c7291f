"""In a durable run a step keeps the strategies that it had, and counts as evidence once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

import pytest

from tests.learners.learned.making import DAYS, LESSON, answering, clerk
from tta_dev_primitives import WorkflowContext, WorkflowPrimitive
from tta_dev_primitives.ace import AceOptions
from tta_dev_primitives.ace.store import Commit, Committed
from tta_dev_primitives.core.errors import StoreUnavailable
from tta_dev_primitives.learners import Learned
from tta_dev_primitives.llm import Role
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import MemoryStore, ScriptedModel

_In = TypeVar("_In")
_Out = TypeVar("_Out")

COINS = AceOptions(inclusion=0.5, hold_out=0.0)


class Journal:
    """Keeps results by path."""

    def __init__(self) -> None:
        self._kept: dict[str, object] = {}

    async def perform(
        self,
        step: WorkflowPrimitive[Any, Any],  # noqa: ARG002  # as the protocol names it
        data: _In,
        context: WorkflowContext,
        work: Callable[[_In, WorkflowContext], Awaitable[_Out]],
    ) -> _Out:
        if context.path not in self._kept:
            self._kept[context.path] = await work(data, context)
        return cast("_Out", self._kept[context.path])


class OutOfReach(MemoryStore):
    """Cannot be written while `down`."""

    down = False

    async def commit(self, commit: Commit) -> Committed:
        if self.down:
            raise StoreUnavailable("connection lost")
        return await super().commit(commit)


async def test_a_run_that_is_resumed_is_one_run_with_the_strategies_that_it_had() -> None:
    store, model = OutOfReach(), ScriptedModel(answering)
    await clerk(model, store).execute(DAYS[0])
    for number in range(8):  # some get the strategy, some do not
        journal, run = Journal(), f"run-{number}"
        store.down = True
        given = await clerk(model, store, options=COINS).execute(
            DAYS[1], WorkflowContext(workflow_id=run, journal=journal)
        )
        store.down = False
        await clerk(model, store).execute(DAYS[2])  # the playbook goes on in between
        written = len([request for request in model.requests if request.role is Role.GENERATOR])
        for _ in range(2):
            resumed = WorkflowContext(workflow_id=run, journal=journal)
            assert await clerk(model, store, options=COINS).execute(DAYS[1], resumed) == given

        assert len([one for one in model.requests if one.role is Role.GENERATOR]) == written
        (episode,) = [episode for episode in await store.episodes() if episode.run_id == run]
        assert [choice.included for choice in episode.choices] == [given == "2026-11-25"]

    drawn = [e.choices[0].included for e in await store.episodes() if e.run_id.startswith("run-")]
    assert set(drawn) == {True, False}
    assert (await store.load()).active[0].content == LESSON


async def test_an_exception_is_a_new_run_each_time() -> None:
    store, journal = MemoryStore(), Journal()

    async def fail(_: str) -> str:
        raise ValueError("no")

    step = Learned(
        fail,
        judge=lambda _in, _out: True,
        playbook=store,
        learn_from=(ValueError,),
        model=ScriptedModel(lambda _: {"diagnosis": "?", "insights": []}),
        settings=Settings(),
    )
    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            await step.execute("x", WorkflowContext(workflow_id="r", journal=journal))
    assert len(await store.episodes()) == 2
