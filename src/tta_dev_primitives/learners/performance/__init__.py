"""Performance: correct first, then measured: faster than before, and growing less with the input."""

from .learner import PerformanceLearner
from .task import Growth, PerformanceTask

__all__ = ["Growth", "PerformanceLearner", "PerformanceTask"]
