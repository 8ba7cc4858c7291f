"""Shape: how a step shows the steps inside; and the structure of a workflow as one line of text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from .primitive import WorkflowPrimitive


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How a step with steps inside is shown.

    `kind` is how they run: one after the other, side by side, one of them, or as the step around them
    decides. `operator` is what composes them, if an operator does. `title` stands in the picture in place of
    the step's name. `otherwise` is the case in which a choice lets the input pass, if there is one.
    """

    kind: Literal["sequence", "parallel", "choice", "wrapper"] = "wrapper"
    operator: str = ""
    title: str = ""
    otherwise: str = ""


WRAPPER: Final = Shape()


def written(step: WorkflowPrimitive[Any, Any]) -> str:
    """Return the step as text, with parentheses wherever Python's precedence groups."""
    inside, operator = step.children, step.shape.operator
    if operator and len(inside) > 1:
        return f" {operator} ".join(map(_operand, inside.values()))
    if len(inside) > 1:
        return f"{step.name}({', '.join(f'{label}: {child!r}' for label, child in inside.items())})"
    return f"{step.name}({', '.join(map(repr, inside.values()))})"


def _operand(step: WorkflowPrimitive[Any, Any]) -> str:
    grouped = step.shape.operator and len(step.children) > 1
    return f"({step!r})" if grouped else repr(step)
