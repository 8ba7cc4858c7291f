"""How a function is called as a step: with the data, and with the context if it asks for it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Final

from .errors import CompositionError

_NAMES: Final = frozenset({"context", "ctx", "_context"})
_ANNOTATION: Final = re.compile(r"\bWorkflowContext\b")


def takes_context(function: Callable[..., object]) -> bool:
    """Tell `function(data, context)` from `function(data)`.

    The context is a second parameter that is annotated as `WorkflowContext`, or one without a default that is
    named `context`, `ctx` or `_context`.

    Raises:
        CompositionError: it can be called in neither way.
    """
    try:
        signature = inspect.signature(function)
    except ValueError:
        return False  # a built-in without a signature takes the data
    second = _second(signature)
    if second is not None and _is_context(second):
        return True
    if _accepts(signature, 1):
        return False
    if second is not None:
        raise CompositionError(
            f"a step is called as function(data) or function(data, context), and {function!r} requires "
            f"{second.name!r} too; give it a value with functools.partial or a lambda, "
            "or name it 'context' if it is the WorkflowContext"
        )
    raise CompositionError(
        f"a step is called as function(data) or function(data, context), and {function!r} "
        f"takes {signature}; wrap it in a lambda that does"
    )


def _accepts(signature: Signature, count: int) -> bool:
    try:
        signature.bind(*(None,) * count)
    except TypeError:
        return False
    return True


def _second(signature: Signature) -> Parameter | None:
    """Return the parameter that a second positional argument goes to, if the function can be called so."""
    if not _accepts(signature, 2):
        return None
    first, *rest = signature.parameters.values()
    return first if first.kind is Parameter.VAR_POSITIONAL else rest[0]


def _is_context(parameter: Parameter) -> bool:
    if parameter.kind is Parameter.VAR_POSITIONAL:
        return False
    if _ANNOTATION.search(inspect.formatannotation(parameter.annotation)):
        return True
    return parameter.name in _NAMES and parameter.default is Parameter.empty
