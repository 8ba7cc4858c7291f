"""Drives Playbox as the adapters beside it drive the peers: its public API, its defaults, the same orders."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from simulated.judge import as_input
from simulated.world import Order

from tta_dev_primitives.ace import AceOptions, SelfLearningCodePrimitive
from tta_dev_primitives.ace.options import ace_faithful
from tta_dev_primitives.core import WorkflowContext
from tta_dev_primitives.sandbox.types import Sandbox
from tta_dev_primitives.settings import Settings


@dataclass(frozen=True)
class Way:
    """A way to train ours: with `options`, `in_flight` tasks at once."""

    name: str
    options: AceOptions
    in_flight: int


@dataclass(frozen=True)
class Trained:
    """Wall seconds of the whole training, and whether the first program of each order was right."""

    seconds: float
    first_tries: Mapping[str, bool]


WAYS: Final = (
    Way("Playbox, 8 in flight", AceOptions(), 8),
    Way("Playbox, one at a time", AceOptions(), 1),
    Way("Playbox, ace_faithful()", ace_faithful(), 1),
)


async def train(way: Way, server: str, sandbox: Sandbox, orders: Sequence[Order]) -> Trained:
    """Train on `orders` with the model at `server`."""
    settings, first_tries = Settings(openai_base_url=f"{server}/v1"), dict[str, bool]()
    places = asyncio.Semaphore(way.in_flight)
    with tempfile.TemporaryDirectory() as folder:
        async with SelfLearningCodePrimitive(
            Path(folder, "playbook.db"),
            model="openai:simulated",
            sandbox=sandbox,
            options=way.options,
            settings=settings,
        ) as learner:

            async def learn(order: Order) -> None:
                async with places:
                    result = await learner.execute(as_input(order), WorkflowContext())
                    first_tries[order.id] = result.execution_success and result.attempts == 1

            since = time.perf_counter()
            async with asyncio.TaskGroup() as group:
                for order in orders:
                    group.create_task(learn(order))
            return Trained(seconds=time.perf_counter() - since, first_tries=first_tries)
