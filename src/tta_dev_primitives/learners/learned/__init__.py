"""Any step with a playbook: strategies before it runs, a verdict and reflection after."""

from .about import About
from .events import LearningFailed, StepJudged
from .learned import Learned
from .strategies import Strategies, strategies
from .verdict import Ending, Judge, Judged, StepVerdict

__all__ = [
    "About",
    "Ending",
    "Judge",
    "Judged",
    "Learned",
    "LearningFailed",
    "StepJudged",
    "StepVerdict",
    "Strategies",
    "strategies",
]
