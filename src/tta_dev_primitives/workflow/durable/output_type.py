"""output_type(): what a step declares to return."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from inspect import isroutine
from types import SimpleNamespace
from typing import Any, Final, Generic, TypeVar, cast, get_args, get_origin, get_type_hints

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
    made_as: object = getattr(step, "__orig_class__", None)
    found = None if made_as is None else _argument(made_as, returned)
    return _known(found if found is not None else _bound(type(step), returned))


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


def _argument(made: object, variable: TypeVar) -> object:
    """Return what `made`, such as `Step[int, str]`, gives for `variable`, or None."""
    parameters = cast("tuple[object, ...]", getattr(get_origin(made), "__parameters__", ()))
    return dict(zip(parameters, get_args(made), strict=False)).get(variable)


def _bound(kind: type, variable: TypeVar) -> object:
    """Return what the bases of `kind` give for `variable`, or None."""
    for base in cast("tuple[object, ...]", getattr(kind, "__orig_bases__", ())):
        origin = get_origin(base)
        if origin in {None, Generic}:
            continue
        found = _argument(base, variable)
        if found is None and isinstance(origin, type):
            found = _bound(origin, variable)
            if isinstance(found, TypeVar):
                found = _argument(base, found)
        if found is not None:
            return found
    return None
