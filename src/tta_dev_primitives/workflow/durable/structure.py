"""The steps of a workflow by their paths, as `context.at` makes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ...core.journaling import below
from ...core.parallel import ParallelDictPrimitive, ParallelPrimitive
from ...core.primitive import WorkflowPrimitive
from ...core.sequence import SequentialPrimitive

INSIDE: Final = "inside"
"""The label of what a step without `children` runs within its own work."""

_ALL_CHILDREN: Final = (SequentialPrimitive, ParallelPrimitive, ParallelDictPrimitive)
"""Steps that run nothing but their children; others may have more, such as a condition."""


class Places:
    """Where the steps that do work stand in a workflow, and where further ones may turn up."""

    def __init__(self, workflow: WorkflowPrimitive[Any, Any]) -> None:
        self.steps: dict[str, WorkflowPrimitive[Any, Any]] = {}
        self._open: list[tuple[str, tuple[str, ...]]] = []
        for path, step in _walk(workflow, ""):
            if not step.children:
                self.steps[path] = step
                self._open.append((f"{path}/{INSIDE}", ()))
            elif not isinstance(step, _ALL_CHILDREN):
                self._open.append((f"{path}/", tuple(below(path, label) for label in step.children)))

    def has(self, path: str, name: str) -> bool:
        """Whether a step called `name` stands, or may turn up, at `path`."""
        if path in self.steps:
            return self.steps[path].name == name
        return any(
            path.startswith(start) and not any(_is_below(path, child) for child in children)
            for start, children in self._open
        )

    def __str__(self) -> str:
        return "\n".join(f"{path or '/'} {step.name}" for path, step in self.steps.items())


def _walk(step: WorkflowPrimitive[Any, Any], path: str) -> Iterator[tuple[str, WorkflowPrimitive[Any, Any]]]:
    yield path, step
    for label, child in step.children.items():
        yield from _walk(child, below(path, label))


def _is_below(path: str, ancestor: str) -> bool:
    return path == ancestor or path.startswith(f"{ancestor}/")
