"""What the primitives that choose have in common: how they ask, what they report, where they go."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, TypeVar

from ..core.context import WorkflowContext
from ..core.errors import RouteUnknown
from ..core.events import Event
from ..core.primitive import WorkflowPrimitive

_I = TypeVar("_I")
_O = TypeVar("_O")
_LONGEST: Final = 200
_ASKING: Final = "?"
"""The label of the step that chooses."""

Decision: TypeAlias = (
    WorkflowPrimitive[_I, _O]
    | Callable[[_I], _O | Awaitable[_O]]
    | Callable[[_I, WorkflowContext], _O | Awaitable[_O]]
)
"""What chooses: a function of the data, or of data and context, plain or async; or a primitive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed(Event):
    """A primitive chose. `route` is the label of the step that runs now; None: the input passes through."""

    primitive: str
    route: str | None


async def follow(
    chooser: WorkflowPrimitive[Any, Any], route: str | None, data: object, context: WorkflowContext
) -> object:
    """Report the route, and return what its step makes of the data, or the data if there is none."""
    if context.sinks:
        context.emit(Routed(primitive=chooser.name, route=route))
    return data if route is None else await chooser.children[route].execute(data, context.at(route))


async def key_of(
    selector: WorkflowPrimitive[Any, Any], data: object, context: WorkflowContext, chooser: str
) -> str:
    """Return the key that the selector gives. It runs as a step: seen in a trace, kept in a journal.

    Raises:
        RouteUnknown: it is no string.
    """
    key = await selector.execute(data, context.at(_ASKING))
    if isinstance(key, str):
        return key
    raise RouteUnknown(
        f"{chooser} chooses by a string, and {selector!r} returned {repr(key)[:_LONGEST]}; return a key"
    )
