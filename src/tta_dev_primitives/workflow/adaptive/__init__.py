"""Retry, timeout and hedging that tune themselves; a bandit where nothing can be replayed."""

from .adaptive import AdaptivePrimitive
from .choice import ChoicePrimitive, Chosen, Earnings
from .configuration import Configuration, grid_around
from .events import (
    ApprovalAwaited,
    CanaryRefused,
    CanaryStarted,
    ConfigurationProposed,
    Promoted,
    RolledBack,
    TunerStopped,
)
from .explain import Report
from .mode import Mode
from .plan import Caution
from .utility import Utility

__all__ = [
    "AdaptivePrimitive",
    "ApprovalAwaited",
    "CanaryRefused",
    "CanaryStarted",
    "Caution",
    "ChoicePrimitive",
    "Chosen",
    "Configuration",
    "ConfigurationProposed",
    "Earnings",
    "Mode",
    "Promoted",
    "Report",
    "RolledBack",
    "TunerStopped",
    "Utility",
    "grid_around",
]
