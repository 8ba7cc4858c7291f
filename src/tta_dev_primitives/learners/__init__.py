"""Steps that learn: any step with a playbook, and the code learner for one domain each.

A name is loaded when it is asked for, so that one learner does not cost the imports of all.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .learned import About, Learned, LearningFailed, StepJudged, StepVerdict, Strategies, strategies

__all__ = ["About", "Learned", "LearningFailed", "StepJudged", "StepVerdict", "Strategies", "strategies"]

if not TYPE_CHECKING:  # or every wrong name would type as object
    _FOLDERS = dict.fromkeys(__all__, "learned")

    def __getattr__(name: str) -> object:
        """Load a name of `__all__` from its folder."""
        if name not in _FOLDERS:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415

        return getattr(import_module(f".{_FOLDERS[name]}", __name__), name)
