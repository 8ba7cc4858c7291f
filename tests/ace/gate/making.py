"""A world in which strategies help or harm families of tasks, and what its tests are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.ace.making import delta, rule
from tta_dev_primitives.ace.delta import AnyOperation
from tta_dev_primitives.ace.gate import Gate, GateOptions, GateReport, gate_playbook
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.store import Commit, PlaybookStore
from tta_dev_primitives.ace.task import Task, parse_task
from tta_dev_primitives.core import WorkflowContext

CONTEXT = WorkflowContext(workflow_id="training")


def tasks(**families: int) -> tuple[Task, ...]:
    """Return so many tasks of each family."""
    return tuple(
        parse_task({"task": f"Do {family} {number}.", "id": f"{family}-{number}", "family": family})
        for family, count in families.items()
        for number in range(count)
    )


@dataclass
class World:
    """A task succeeds if its family is `easy` or a strategy helps it, and none harms it.

    A strategy reads "help FAMILY ..." or "harm FAMILY ..."; a task sees those of its family and others.
    """

    easy: frozenset[str] = frozenset()
    played: list[str] = field(default_factory=list[str])
    failures: dict[str, list[Exception]] = field(default_factory=dict[str, list[Exception]])

    async def __call__(self, playbook: Playbook, task: Task) -> bool:
        self.played.append(task.id)
        if self.failures.get(task.id):
            raise self.failures[task.id].pop()
        words = [content.split()[:2] for content in self.shown(playbook, task)]
        good = task.family in self.easy or ["help", task.family] in words
        return good and ["harm", task.family] not in words

    def shown(self, playbook: Playbook, task: Task) -> Sequence[str]:
        contents = [bullet.content for bullet in playbook.active]
        return [text for text in contents if text.split()[0] not in {"help", "harm"} or task.family in text]


async def learn(store: PlaybookStore, *contents: str | AnyOperation) -> Playbook:
    """Learn each by a delta of its own."""
    for content in contents:
        operation = rule(content) if isinstance(content, str) else content
        await store.commit(Commit(run_id="training", delta=delta(operation)))
    return await store.load()


async def gated(
    store: PlaybookStore, world: World, held_out: Sequence[Task], options: GateOptions | None = None
) -> GateReport:
    """Return what the gate decides on the latest playbook, however few changes there are."""
    gate = Gate(world, options=options, shown=world.shown)
    report = await gate_playbook(gate, store, held_out, CONTEXT, every=1)
    assert report is not None
    return report


async def contents(store: PlaybookStore) -> list[str]:
    return [bullet.content for bullet in (await store.load()).active]
