"""Stack: tokens a task, as what was read from a cache, what was read anew, and what was written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..markup import Attributes, Element, Node, el
from .frame import Frame
from .scale import Scale, from_zero, percent
from .whole import whole

_HEIGHT = 120
_SHARE = 0.78


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """One task: its parts from the bottom up, as pairs of a class and an amount; `told` says it in words."""

    parts: tuple[tuple[str, float], ...]
    told: str

    @property
    def total(self) -> float:
        """All parts together."""
        return sum(amount for _, amount in self.parts)


def stack_chart(stacks: Sequence[Stack], *, word: Callable[[float], str], label: str) -> Element:
    """Return one column a task, in order."""
    x = Scale(low=0, high=max(1, len(stacks)))
    y = from_zero([stack.total for stack in stacks])
    frame = Frame(
        x=x,
        y=y,
        height=_HEIGHT,
        y_word=word,
        x_word=lambda value: f"{value:,.0f}" if value else "0 tasks",
        x_ticks=whole(x, 6),
        y_ticks=y.ticks(3),
    )
    columns: list[Node] = [_column(frame, number, stack, x) for number, stack in enumerate(stacks)]
    return frame.drawn(*columns, label=label)


def _column(frame: Frame, number: int, stack: Stack, x: Scale) -> Element:
    bars, below = list[Node](), 0.0
    left, width = x.place(number + (1 - _SHARE) / 2), _SHARE / (x.high - x.low)
    for css, amount in stack.parts:
        top, bottom = frame.top(below + amount), frame.top(below)
        at: Attributes = {"x": percent(left), "width": percent(width), "y": top, "height": bottom - top}
        bars.append(el("rect", css=css, at=at))
        below += amount
    return el("g", el("title", stack.told), *bars, css="column")
