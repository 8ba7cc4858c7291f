"""run_codec(): how the output of a whole workflow is kept."""

from __future__ import annotations

from functools import reduce
from typing import Any, cast

from ...core.parallel import ParallelDictPrimitive, ParallelPrimitive
from ...core.primitive import WorkflowPrimitive
from ...core.sequence import SequentialPrimitive
from .codec import Codec, adapter_for
from .output_type import UNDECLARED, output_type


def run_codec(primitive: WorkflowPrimitive[Any, Any]) -> Codec | None:
    """Return how the output of `primitive` is kept, or None if it cannot be."""
    try:
        declared = _output(primitive)
        adapter = None if declared is UNDECLARED else adapter_for(primitive, declared)
    except TypeError:  # NotKeepable, or types that cannot be joined
        return None
    return Codec(step=primitive, adapter=adapter)


def _output(step: WorkflowPrimitive[Any, Any]) -> object:
    """Return the output type as far as the steps inside tell it, or `UNDECLARED`.

    A row gives what its last step gives, branches a tuple or a dict; any other step what one inside it gives.
    """
    children = tuple(step.children.values())
    if not children:
        return output_type(step)
    if isinstance(step, SequentialPrimitive):
        return _output(children[-1])
    inside = [_output(child) for child in children]
    if UNDECLARED in inside:
        return UNDECLARED
    if isinstance(step, ParallelPrimitive):
        return tuple[tuple(inside)]  # type: ignore[misc]  # types that are known at run time only
    either = reduce(_either, inside)
    if isinstance(step, ParallelDictPrimitive):
        return dict[str, either]  # type: ignore[valid-type]
    return either


def _either(one: object, other: object) -> object:
    return cast("type", one) | cast("type", other)
