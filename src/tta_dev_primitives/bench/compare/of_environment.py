"""The problem of an invented environment: its tasks, its gold strategies, and those of other environments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ...ace.task import parse_task
from ...ace.training.task_set import TaskSet
from ..environments import TASKS, EnvironmentTask, make_environment
from ..environments.world import draw_world
from .problem import Problem

_FOREIGN: Final = 2
"""Other environments whose gold strategies make the placebo; together larger than any playbook of one."""


def of_environment(seed: int, *, train: int = TASKS, test: int = TASKS) -> Problem:
    """Return the problem of the environment of `seed`, with so many tasks.

    Raises:
        ValueError: the environment has too few combinations of quirks for so many tasks.
    """
    environment = make_environment(seed, train=train, test=test)
    others = (draw_world(seed + step) for step in range(1, _FOREIGN + 1))
    return Problem(
        name=f"environment {seed} ({environment.name})",
        train=_tasks(f"{environment.name}, training", environment.train),
        test=_tasks(f"{environment.name}, held out", environment.test),
        gold=environment.gold,
        foreign=tuple(quirk.gold for other in others for quirk in other.quirks),
    )


def _tasks(name: str, tasks: Sequence[EnvironmentTask]) -> TaskSet:
    return TaskSet(name=name, tasks=tuple(parse_task(task.as_input()) for task in tasks))
