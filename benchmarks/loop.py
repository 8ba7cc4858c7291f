"""What the learning loop costs beside the model and the run of the program.

One execute call with a scripted model (no waiting for answers) against running the same program in the same
sandbox by itself, interleaved, with playbooks of several sizes in SQLite.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from recording import record, tell

from tta_dev_primitives.ace import AceOptions, CodeTask, Reflect, SelfLearningCodePrimitive
from tta_dev_primitives.ace.bullet import Provenance
from tta_dev_primitives.ace.content import Kind
from tta_dev_primitives.ace.delta import Delta, ImportBullet
from tta_dev_primitives.ace.store import Commit, PlaybookStore, open_store
from tta_dev_primitives.sandbox.open import open_sandbox
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import ScriptedModel

ROUNDS = 30
SIZES = (0, 100, 1_000, 10_000)
CODE = "print(sum(range(1000)))"
TASK: CodeTask = {"task": "Print the sum of the first numbers of the ledger.", "expected_output": "499500"}
NO_LEARNING = AceOptions(reflect=Reflect.NEVER)


async def fill(store: PlaybookStore, size: int) -> None:
    """Take over `size` strategies about ledgers."""
    source = Provenance(task_id="t", run_id="fill", model="none", actor="benchmark", origin="user")
    rules = (
        ImportBullet(kind=Kind.RULE, content=f"Rule {n} of ledger {n % 17}: sum first.") for n in range(size)
    )
    await store.commit(Commit(run_id="fill", delta=Delta(operations=tuple(rules), provenance=source)))


async def seconds(call: Callable[[], Awaitable[object]]) -> float:
    start = time.perf_counter()
    await call()
    return time.perf_counter() - start


async def main() -> None:
    sandbox = open_sandbox("local")
    model = ScriptedModel(lambda _: {"plan": "", "code": CODE})
    calls: dict[str, Callable[[], Awaitable[object]]] = {"the run alone": lambda: sandbox.run_code(CODE)}
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            store = open_store(Path(folder) / f"{size}.db")
            await fill(store, size)
            learner = SelfLearningCodePrimitive(
                model=model, sandbox=sandbox, store=store, options=NO_LEARNING, settings=Settings()
            )
            assert learner.playbook_size == size
            calls[f"one task, {size} strategies"] = partial(learner.execute, TASK)
        taken: dict[str, list[float]] = {name: [] for name in calls}
        for _ in range(ROUNDS):
            for name, call in calls.items():
                taken[name].append(await seconds(call))
    await sandbox.aclose()
    medians = {name: statistics.median(times) for name, times in taken.items()}
    tell("one task of the loop, model answers at once", medians)
    record(__file__, {"one task": medians})


if __name__ == "__main__":
    asyncio.run(main())
