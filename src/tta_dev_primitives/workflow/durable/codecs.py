"""Codecs: how the results of each step of a run are kept, found out once."""

from __future__ import annotations

from typing import Any

from ...core.errors import NotKeepable
from ...core.primitive import WorkflowPrimitive
from .codec import Adapter, Codec, adapter_for
from .output_type import UNDECLARED, output_type


class Codecs:
    """A codec for each step; steps that declare the same type share its adapter, which is slow to make."""

    def __init__(self) -> None:
        self._by_step: dict[int, Codec] = {}  # by id(), which is the step's as long as the codec has it
        self._by_type: dict[int, tuple[object, Adapter]] = {}

    def of(self, step: WorkflowPrimitive[Any, Any]) -> Codec:
        """Return how results of `step` are kept.

        Raises:
            NotKeepable: its type cannot be kept, or it must not run twice and declares none.
        """
        if id(step) not in self._by_step:
            self._by_step[id(step)] = Codec(step=step, adapter=self._adapter(step))
        return self._by_step[id(step)]

    def _adapter(self, step: WorkflowPrimitive[Any, Any]) -> Adapter | None:
        declared = output_type(step)
        if declared is UNDECLARED:
            _require_declared(step)
            return None
        if id(declared) not in self._by_type:
            self._by_type[id(declared)] = (declared, adapter_for(step, declared))
        return self._by_type[id(declared)][1]


def _require_declared(step: WorkflowPrimitive[Any, Any]) -> None:
    if step.idempotent is False:
        raise NotKeepable(
            f"step {step.name!r} must not run twice and does not say what it returns, so that it would turn "
            "out only after its effect whether that can be kept; annotate its return type, with names that "
            "its module knows"
        )
