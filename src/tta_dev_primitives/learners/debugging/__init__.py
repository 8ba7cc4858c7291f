"""Debugging: a fix counts when what failed before passes now, and nothing else is broken."""

from .learner import DebuggingLearner
from .task import DebuggingTask

__all__ = ["DebuggingLearner", "DebuggingTask"]
