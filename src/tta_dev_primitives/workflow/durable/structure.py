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
                start = below(path, "?") if _is_ours(step) else f"{path}/"
                self._open.append((start, tuple(below(path, label) for label in step.children)))

    def still_has(self, path: str, name: str, before: str) -> bool:
        """Whether a step called `name` stands at `path`, or may turn up there.

        What is gone since `before`, the text of the workflow that was, does not turn up, nor what was in it.
        """
        if path in self.steps:
            return self.steps[path].name == name
        gone = set(before.split("\n")) - set(str(self).split("\n"))
        if any(line.startswith(f"{above or '/'} ") for above in _and_above(path) for line in gone):
            return False
        return any(
            path.startswith(start) and not any(_is_below(path, child) for child in children)
            for start, children in self._open
        )

    def __str__(self) -> str:
        return "\n".join(_line(path, step.name) for path, step in self.steps.items())


def _line(path: str, name: str) -> str:
    return f"{path or '/'} {name}"


def _and_above(path: str) -> Iterator[str]:
    """Yield the path and those of the steps around it."""
    labels = path.split("/")
    return ("/".join(labels[:length]) for length in range(len(labels), 0, -1))


def _is_ours(step: WorkflowPrimitive[Any, Any]) -> bool:
    """Tell a step of this package, which runs only its children and what has a label that begins with `?`."""
    return type(step).__module__.partition(".")[0] == __name__.partition(".")[0]


def _walk(step: WorkflowPrimitive[Any, Any], path: str) -> Iterator[tuple[str, WorkflowPrimitive[Any, Any]]]:
    yield path, step
    for label, child in step.children.items():
        yield from _walk(child, below(path, label))


def _is_below(path: str, ancestor: str) -> bool:
    return path == ancestor or path.startswith(f"{ancestor}/")
