"""In a durable run a step keeps the strategies that it had, and counts as evidence once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.learners.learned.making import DAYS, LESSON, Clerk, answering, clerk, is_iso
from tta_dev_primitives.ace import AceOptions
from tta_dev_primitives.ace.store import Commit, Committed
from tta_dev_primitives.core.errors import StoreUnavailable
from tta_dev_primitives.learners import Learned, StepVerdict
from tta_dev_primitives.llm import Role
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import MemoryStore, ScriptedModel
from tta_dev_primitives.workflow import Journal

COINS = AceOptions(inclusion=0.5, hold_out=0.0)


class OutOfReach(MemoryStore):
    """Cannot be written while `down`."""

    down = False

    async def commit(self, commit: Commit) -> Committed:
        if self.down:
            raise StoreUnavailable("connection lost")
        return await super().commit(commit)


def written_by(model: ScriptedModel) -> int:
    return len([request for request in model.requests if request.role is Role.GENERATOR])


async def test_a_run_that_is_resumed_is_one_run_with_the_strategies_that_it_had(tmp_path: Path) -> None:
    store, model, journal = OutOfReach(), ScriptedModel(answering), Journal(tmp_path / "runs.db")
    await clerk(model, store).execute(DAYS[0])
    seen, judged = list[str](), list[str]()

    def judge(question: str, answer: str) -> StepVerdict:
        judged.append(answer)
        return is_iso(question, answer)

    def durable() -> Learned[str, str]:
        return Learned(
            Clerk(model), judge=judge, playbook=store, model=model, options=COINS, settings=Settings()
        )

    def break_down(answer: str) -> str:
        seen.append(answer)
        raise ConnectionError("the line went dead")

    for number in range(8):  # some get the strategy, some do not
        before, day = len(await store.episodes()), f"When was parcel {number} sent?"
        for attempt in range(3):
            store.down = attempt == 0
            with pytest.raises(ConnectionError):
                await journal.run(durable() >> break_down, day, resume=f"run-{number}")
            store.down = False
            await clerk(model, store).execute(DAYS[2])  # the playbook goes on in between

        first, *others = seen[-3:]
        assert others == [first, first]
        new = [episode for episode in (await store.episodes())[before:] if episode.task == day]
        assert [[choice.included for choice in episode.choices] for episode in new] == [
            [first == "2026-11-25"]
        ]

    assert len(judged) == 16  # again only where the verdict could not be stored
    assert set(seen) == {"2026-11-25", "25/11/26"}
    assert written_by(model) == 1 + 8 + 3 * 8
    assert (await store.load()).active[0].content == LESSON


async def test_an_exception_is_a_new_run_each_time(tmp_path: Path) -> None:
    store, journal = MemoryStore(), Journal(tmp_path / "runs.db")

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
            await journal.run(step, "x", resume="r")
    assert len(await store.episodes()) == 2
