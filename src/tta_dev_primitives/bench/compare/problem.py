"""Problem: tasks to learn from, held-out tasks to be tested with, and what there is to know about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...ace.training.task_set import TaskSet
from ...core.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What the arms are compared on.

    `gold` are true strategies for these tasks, `foreign` those of other tasks, which are of no use here; both
    are sentences, and empty where nobody knows them.

    Raises:
        ConfigurationError: a task is in both sets.
    """

    name: str
    train: TaskSet
    test: TaskSet
    gold: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        both = {task.id for task in self.train.tasks} & {task.id for task in self.test.tasks}
        if both:
            raise ConfigurationError(
                f"{len(both)} held-out tasks are training tasks as well, such as {min(both)!r}; take them out"
                " of one of the sets"
            )

    @property
    def digest(self) -> str:
        """Tells whether it is the same problem again."""
        return f"{self.train.digest}-{self.test.digest}"


def only(tasks: TaskSet, attempts: int) -> TaskSet:
    """Return the tasks with at most so many attempts each."""
    return tasks.changed(lambda task: task.model_copy(update={"max_iterations": attempts}))


def noted(tasks: TaskSet, note: str) -> TaskSet:
    """Return the tasks with `note` at the end of their context."""
    if not note:
        return tasks
    return tasks.changed(
        lambda task: task.model_copy(update={"context": _joined(task.context, note)}),
    )


def _joined(*parts: str) -> str:
    texts: Sequence[str] = [part.strip() for part in parts]
    return "\n\n".join(filter(None, texts))
