"""output_type(): what a step declares to return."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from inspect import isroutine, unwrap
from types import SimpleNamespace
from typing import Any, Final, TypeVar, cast, get_args, get_origin, get_type_hints

from ...core.primitive import LambdaPrimitive, WorkflowPrimitive

UNDECLARED: Final = object()
"""Stands where nothing was declared, or nothing that can be resolved."""


def output_type(step: WorkflowPrimitive[Any, Any]) -> object:
    """Return the declared output type of `step`, or `UNDECLARED`.

    It is the return annotation of a `LambdaPrimitive`'s function, else that of `_execute`; where that is a
    type variable, what the bases of the class or the `Step[int, str](...)` that made it give for it.
    """
    if isinstance(step, LambdaPrimitive):
        return _known(_returned(step.function))
    returned = _returned(type(step)._execute)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    if not isinstance(returned, TypeVar):
        return _known(returned)
    made_as: object = getattr(step, "__orig_class__", type(step))
    owner = next(kind for kind in type(step).__mro__ if "_execute" in vars(kind))
    return _known(_given(made_as, owner, returned))


def _known(annotation: object) -> object:
    return UNDECLARED if annotation is None or isinstance(annotation, TypeVar) else annotation


def _returned(function: Callable[..., object]) -> object:
    """Return the annotation, that of an awaitable unwrapped, or None."""
    while isinstance(function, partial):
        function = function.func
    if isinstance(function, type):
        return function
    if not isroutine(function):
        function = type(function).__call__
    function = unwrap(
        function
    )  # of decorators, for what an annotation names is in the module of the innermost
    annotation = cast("dict[str, object]", getattr(function, "__annotations__", {})).get("return", UNDECLARED)
    if annotation is UNDECLARED:
        return None
    only = SimpleNamespace(__annotations__={"return": annotation})  # the parameters' types may not resolve
    try:
        resolved = get_type_hints(only, globalns=_globals(function), include_extras=True)["return"]
    except (NameError, AttributeError, TypeError, SyntaxError):
        return None
    awaited = get_origin(resolved) in {Awaitable, Coroutine}
    return get_args(resolved)[-1] if awaited else resolved


def _globals(function: Callable[..., object]) -> dict[str, object]:
    module = sys.modules.get(str(getattr(function, "__module__", "")))
    fallback = {} if module is None else vars(module)
    return cast("dict[str, object]", getattr(function, "__globals__", fallback))


def _given(made: object, owner: type, variable: TypeVar) -> object:
    """Return what `made`, a class or a `Step[int, str]`, gives for `variable` of its base `owner`."""
    kind = get_origin(made) or made
    parameters = cast("tuple[object, ...]", getattr(kind, "__parameters__", ()))
    given = dict(zip(parameters, get_args(made), strict=False))
    if kind is owner:
        return given.get(variable)
    for base in cast("tuple[object, ...]", getattr(kind, "__orig_bases__", getattr(kind, "__bases__", ()))):
        if owner in getattr(get_origin(base) or base, "__mro__", ()):
            found = _given(base, owner, variable)
            return given.get(found) if isinstance(found, TypeVar) else found
    return None
