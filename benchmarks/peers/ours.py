"""Drives Playbox as the adapters beside it drive the peers: its public API, its defaults, the same orders.

It trains offline, one epoch over the orders, as `playbox train` does: all that learn from the same version of
the playbook are in flight together. Everything is kept in a run's folder while it goes on, every answer
synced to the disk; the peers keep nothing of the kind, and their time has none of it.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from simulated.judge import as_input
from simulated.world import Order

from tta_dev_primitives.ace import AceOptions
from tta_dev_primitives.ace.options import ace_faithful
from tta_dev_primitives.ace.task import parse_task
from tta_dev_primitives.ace.training.begin import NewRun, begin_run
from tta_dev_primitives.ace.training.ledger import Ledger
from tta_dev_primitives.ace.training.open_run import Means
from tta_dev_primitives.ace.training.result import Phase
from tta_dev_primitives.ace.training.run import do_run
from tta_dev_primitives.ace.training.split import Split
from tta_dev_primitives.ace.training.task_set import TaskSet
from tta_dev_primitives.ace.training.trainer import Plan
from tta_dev_primitives.core import WorkflowContext
from tta_dev_primitives.llm.models import connect_roles
from tta_dev_primitives.sandbox.types import Sandbox
from tta_dev_primitives.settings import Settings


@dataclass(frozen=True)
class Way:
    """A way to train ours: with `options`, `in_flight` tasks at once."""

    name: str
    in_flight: int
    options: AceOptions = field(default_factory=AceOptions)


@dataclass(frozen=True)
class Trained:
    """Wall seconds of the whole training, and whether the first program of each order was right."""

    seconds: float
    first_tries: Mapping[str, bool]


WAYS: Final = (
    Way("Playbox, 8 in flight", 8),
    Way("Playbox, one at a time", 1),
    Way("Playbox, no probes, 8", 8, AceOptions(probes=0)),
    Way("Playbox, ace_faithful()", 1, ace_faithful()),
)
"""The first is what others are compared with."""


async def train(way: Way, server: str, sandbox: Sandbox, orders: Sequence[Order]) -> Trained:
    """Train on `orders` with the model at `server`."""
    settings = Settings(openai_base_url=f"{server}/v1")
    tasks = TaskSet(name="orders", tasks=tuple(parse_task(as_input(order)) for order in orders))
    models = connect_roles("openai:simulated", None, settings)
    new = NewRun(
        source="orders",
        tasks=Split(train=tasks),
        plan=Plan(in_flight=way.in_flight),
        models=models,
        sandbox="local",
        options=way.options,
    )
    with tempfile.TemporaryDirectory() as place:
        since = time.perf_counter()
        folder = await begin_run(Path(place, "run"), new)
        await do_run(folder, Means(models=models, sandbox=sandbox, settings=settings), WorkflowContext())
        seconds = time.perf_counter() - since
        with closing(Ledger(folder)) as ledger:
            results = ledger.results(Phase.TRAIN)
    return Trained(seconds=seconds, first_tries={result.task_id: result.first_try for result in results})
