"""Steps that learn: any step with a playbook, and the code learner for one domain each.

A name is loaded when it is asked for, so that one learner does not cost the imports of all. What the tasks
of a domain are made of stands in its own package.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .api_client import ApiClientLearner, ApiClientTask
    from .data_processing import DataProcessingLearner, DataTask
    from .debugging import DebuggingLearner, DebuggingTask
    from .environments import Environment, LayeredStore, promote
    from .learned import About, Learned, LearningFailed, StepJudged, StepVerdict, Strategies, strategies
    from .performance import PerformanceLearner, PerformanceTask

__all__ = [
    "About",
    "ApiClientLearner",
    "ApiClientTask",
    "DataProcessingLearner",
    "DataTask",
    "DebuggingLearner",
    "DebuggingTask",
    "Environment",
    "LayeredStore",
    "Learned",
    "LearningFailed",
    "PerformanceLearner",
    "PerformanceTask",
    "StepJudged",
    "StepVerdict",
    "Strategies",
    "promote",
    "strategies",
]

if not TYPE_CHECKING:  # or every wrong name would type as object
    _OF_DOMAINS = {
        "ApiClientLearner": "api_client",
        "ApiClientTask": "api_client",
        "DataProcessingLearner": "data_processing",
        "DataTask": "data_processing",
        "DebuggingLearner": "debugging",
        "DebuggingTask": "debugging",
        "Environment": "environments",
        "LayeredStore": "environments",
        "PerformanceLearner": "performance",
        "PerformanceTask": "performance",
        "promote": "environments",
    }
    _FOLDERS = dict.fromkeys(__all__, "learned") | _OF_DOMAINS

    def __getattr__(name: str) -> object:
        """Load a name of `__all__` from its folder."""
        if name not in _FOLDERS:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415

        return getattr(import_module(f".{_FOLDERS[name]}", __name__), name)
