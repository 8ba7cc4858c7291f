"""Playbox: code generation that gets better by running its own code."""

from .core import errors
from .core.budget import Budget
from .core.context import WorkflowContext
from .core.function import LambdaPrimitive
from .core.primitive import ParallelPrimitive, SequentialPrimitive, WorkflowPrimitive
from .core.run import run

__all__ = [
    "Budget",
    "LambdaPrimitive",
    "ParallelPrimitive",
    "SequentialPrimitive",
    "WorkflowContext",
    "WorkflowPrimitive",
    "__version__",  # pyright: ignore[reportUnsupportedDunderAll]  # see __getattr__
    "errors",
    "run",
]


def __getattr__(name: str) -> str:
    """Look up `__version__` when asked: reading the installed metadata is a third of the import's time."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version  # noqa: PLC0415

    return version("tta-dev-primitives")
