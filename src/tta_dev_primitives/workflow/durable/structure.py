"""The steps of a workflow by their paths, as `context.at` makes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...core.primitive import WorkflowPrimitive

INSIDE: Final = "inside"
"""The label of what a step without `children` runs within its own work."""


def leaves(
    step: WorkflowPrimitive[Any, Any], path: str = ""
) -> Iterator[tuple[str, WorkflowPrimitive[Any, Any]]]:
    """Yield the steps that do work, each with its path."""
    if not step.children:
        yield path, step
    for label, child in step.children.items():
        yield from leaves(child, f"{path}/{label}")


def has_step(places: Mapping[str, str], path: str, name: str) -> bool:
    """Whether a step called `name` stands at `path`, given the name of each leaf by path.

    What a leaf runs inside itself cannot be told beforehand and counts as there.
    """
    if path in places:
        return places[path] == name
    return any(path.startswith(f"{leaf}/{INSIDE}") for leaf in places)
