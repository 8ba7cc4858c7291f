"""RouterPrimitive: one of several routes, by name; a name that there is not is an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast, final, overload

from ..core.context import WorkflowContext
from ..core.errors import CompositionError, RouteUnknown
from ..core.primitive import In, Operand, Out, PlainOperand, WorkflowPrimitive, as_step, as_steps
from ..core.structure import Shape
from .routing import Decision, follow, key_of


@final
class RouterPrimitive(WorkflowPrimitive[In, Out]):
    """Run the route that `router_fn` names for the input.

    `default` is the name of the route for all names that there are not; without it they are an error.
    `router_fn` is a function of the input, or of input and context, plain or async, or a primitive (a model
    that classifies, say), and returns a string.

    Raises:
        RouteUnknown: `router_fn` named no route, and there is no default.
    """

    @overload
    def __init__(
        self,
        routes: Mapping[str, Operand[In, Out]],
        router_fn: Decision[In, str],
        default: str | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        routes: Mapping[str, PlainOperand[In, Out]],
        router_fn: Decision[In, str],
        default: str | None = None,
    ) -> None: ...
    def __init__(self, routes: Mapping[str, object], router_fn: object, default: str | None = None) -> None:
        self._children = as_steps(routes, "routes of RouterPrimitive")
        self._router = as_step(router_fn, "the router_fn of RouterPrimitive")
        self._default = default
        if default is not None and default not in self._children:
            raise CompositionError(
                f"the default of RouterPrimitive names a route, one of {self._known()}, not {default!r}"
            )

    @property
    def children(self) -> Mapping[str, WorkflowPrimitive[Any, Any]]:
        """The routes, by name."""
        return self._children

    @property
    def shape(self) -> Shape:
        """What names the route, with an arrow for each."""
        return Shape(kind="choice", title=self._router.name)

    async def _execute(self, data: In, context: WorkflowContext) -> Out:
        key = await key_of(self._router, data, context, self.name)
        route = key if key in self._children else self._default
        if route is None:
            raise RouteUnknown(
                f"{self._router!r} chose {key[:200]!r}, and the routes are {self._known()}; "
                "add that route, or name one of these as the default"
            )
        return cast("Out", await follow(self, route, data, context))

    def _known(self) -> str:
        return ", ".join(map(repr, self._children))

    def __repr__(self) -> str:
        default = "" if self._default is None else f", default={self._default!r}"
        return f"{self.name}({self._children!r}, {self._router!r}{default})"
