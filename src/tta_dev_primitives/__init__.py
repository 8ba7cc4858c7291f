"""Playbox: code generation that gets better by running its own code."""

from typing import TYPE_CHECKING

from .core import errors
from .core.budget import Budget
from .core.context import WorkflowContext
from .core.primitive import (
    LambdaPrimitive,
    ParallelDictPrimitive,
    ParallelPrimitive,
    SequentialPrimitive,
    WorkflowPrimitive,
)
from .core.run import run

__version__: str

__all__ = [
    "Budget",
    "LambdaPrimitive",
    "ParallelDictPrimitive",
    "ParallelPrimitive",
    "SequentialPrimitive",
    "WorkflowContext",
    "WorkflowPrimitive",
    "__version__",
    "errors",
    "run",
]

if not TYPE_CHECKING:  # or every wrong name would type as str

    def __getattr__(name: str) -> str:
        """Look up `__version__` when asked: reading the metadata is a third of the import's time."""
        if name != "__version__":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib.metadata import version  # noqa: PLC0415

        return version("tta-dev-primitives")
