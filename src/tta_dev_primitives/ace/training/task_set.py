"""TaskSet: tasks with ids of their own, in order, and a digest that tells whether they are the same again."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from ...core.errors import InvalidTask
from ..task import Task

_SHOWN = 5


def _none() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSet:
    """Tasks in the order of their file.

    `solutions` are reference programs by task id, where the source has them; no model is ever shown one.
    `left_out` says what of the source could not be taken, and why.

    Raises:
        InvalidTask: there is no task, or two have the same id.
    """

    name: str
    tasks: tuple[Task, ...]
    solutions: Mapping[str, str] = field(default_factory=_none)
    left_out: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.tasks:
            why = f" ({'; '.join(self.left_out[:_SHOWN])})" if self.left_out else ""
            raise InvalidTask(f"{self.name} holds no task{why}; write one a line, as JSON")
        twice = [task_id for task_id, count in Counter(task.id for task in self.tasks).items() if count > 1]
        if twice:
            named = ", ".join(map(repr, twice[:_SHOWN]))
            raise InvalidTask(f"{self.name} holds several tasks with the id {named}; give each its own 'id'")

    def __len__(self) -> int:
        return len(self.tasks)

    @property
    def digest(self) -> str:
        """The hash of all that is asked, in order: of the tasks, not of their file."""
        whole = hashlib.sha256()
        for task in self.tasks:
            whole.update(_fingerprint(task))
        return whole.hexdigest()

    def changed(self, change: Callable[[Task], Task]) -> TaskSet:
        """Return the set with `change` applied to each task."""
        return replace(self, tasks=tuple(map(change, self.tasks)))

    def having(self, test: Callable[[Task], bool]) -> TaskSet:
        """Return the tasks that `test` lets pass.

        Raises:
            InvalidTask: that is none.
        """
        return replace(self, tasks=tuple(filter(test, self.tasks)))


def _fingerprint(task: Task) -> bytes:
    asked = json.dumps(task.model_dump(), default=_digest, sort_keys=True)
    return "\0".join((asked, *(check.fingerprint for check in task.checks))).encode()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
