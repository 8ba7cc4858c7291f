"""Worlds where the truth is known: what each strategy does, when it is relevant, how hard tasks are.

40 strategies, each of which raises or lowers the log odds of success by 0.9 or does nothing; relevant to some
tasks more than to others, and the more so the harder they are; 10 families of tasks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tta_dev_primitives.ace.bullet import Provenance
from tta_dev_primitives.ace.content import Kind
from tta_dev_primitives.ace.delta import AddBullet, Delta
from tta_dev_primitives.ace.store import Commit
from tta_dev_primitives.ace.task import Task
from tta_dev_primitives.testing import MemoryStore

COUNT, EFFECT, FAMILIES = 40, 0.9, 10
MIXES = {"25 % harmful": (10, 20, 10), "5 % harmful": (16, 22, 2)}
"""How many of the strategies help, do nothing, and harm."""
Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class World:
    """The effect of each strategy, how often it is relevant, and how much more so to hard tasks."""

    effects: Numbers
    base: Numbers
    harder: Numbers

    @classmethod
    def of(cls, seed: int, mix: Sequence[int]) -> World:
        draw = np.random.default_rng(seed)
        kinds = np.repeat([1.0, 0.0, -1.0], mix)
        draw.shuffle(kinds)
        return cls(kinds * EFFECT, draw.uniform(0.15, 0.5, COUNT), draw.normal(0, 0.8, COUNT))


@dataclass(frozen=True)
class Tasks:
    """Tasks of a world: the family, the log odds of success without strategies, and which are relevant."""

    world: World
    family: NDArray[np.int64]
    odds: Numbers
    relevant: Flags

    @classmethod
    def of(cls, seed: int, world: World, count: int) -> Tasks:
        draw = np.random.default_rng(seed)
        family = draw.integers(0, FAMILIES, count)
        hard = draw.normal(0, 1.0, FAMILIES)[family] + draw.normal(0, 0.7, count)
        logit = np.log(world.base / (1 - world.base)) + world.harder * hard[:, None]
        return cls(world, family, 0.4 - hard, draw.random((count, COUNT)) < chance(logit))

    def task(self, number: int) -> Task:
        """Return a task whose words are those of the strategies that are relevant to it."""
        words = " ".join(_word(int(index)) for index in np.flatnonzero(self.relevant[number]))
        return Task(
            task=words or "Nothing", id=f"t{number}", family=f"f{self.family[number]}", expected_output=""
        )

    def chances(self, shown: Flags) -> Numbers:
        """Return the chance of success of each task if the relevant ones of `shown` are shown."""
        return chance(self.odds + (self.relevant & shown) @ self.world.effects)


def chance(log_odds: Numbers) -> Numbers:
    return 1 / (1 + np.exp(-log_odds))


async def filled_store() -> MemoryStore:
    """Return a store whose playbook has one bullet for each strategy, in order."""
    store = MemoryStore()
    source = Provenance(task_id="t", run_id="r", model="none", actor="simulation", origin="user")
    for start in range(0, COUNT, 5):
        adds = [AddBullet(kind=Kind.RULE, content=f"Mind {_word(n)}.") for n in range(start, start + 5)]
        await store.commit(Commit(run_id="r", delta=Delta(operations=tuple(adds), provenance=source)))
    return store


def _word(index: int) -> str:
    return f"subject{index:02d}"
