"""Split: which tasks are kept for validation, drawn once from the seed and never by their order."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass

from ...core.errors import ConfigurationError
from ..task import Task
from .task_set import TaskSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Tasks to learn from and, if there are any, tasks to choose a version by."""

    train: TaskSet
    validation: TaskSet | None = None


def split(tasks: TaskSet, share: float, *, seed: int) -> Split:
    """Return `tasks` with a `share` of each family (0..1, rounded over all) kept for validation.

    The draw depends on `seed` and the ids alone, so adding tasks moves few of the others.

    Raises:
        ConfigurationError: nothing would be left to learn from, or nothing to validate with.
    """
    if share == 0:
        return Split(train=tasks)
    count = round(share * len(tasks))
    if not 0 < count < len(tasks):
        raise ConfigurationError(
            f"a validation share of {share!r} keeps {count} of {len(tasks)} tasks; choose one that leaves "
            "some on both sides, or 0 for no validation"
        )
    chosen = {task.id for task in _drawn(tasks, seed)[:count]}
    return Split(
        train=tasks.having(lambda task: task.id not in chosen),
        validation=tasks.having(lambda task: task.id in chosen),
    )


def _drawn(tasks: TaskSet, seed: int) -> list[Task]:
    """Return all tasks in a drawn order in which the families take turns, larger ones more often."""
    families: defaultdict[str, list[Task]] = defaultdict(list)
    for task in sorted(tasks.tasks, key=lambda task: _draw(seed, task)):
        families[task.family].append(task)
    places = {
        task.id: ((number + 0.5) / len(family), _draw(seed, task))
        for family in families.values()
        for number, task in enumerate(family)
    }
    return sorted(tasks.tasks, key=lambda task: places[task.id])


def _draw(seed: int, task: Task) -> str:
    return hashlib.sha256(f"{seed}\0{task.id}".encode(errors="replace")).hexdigest()
