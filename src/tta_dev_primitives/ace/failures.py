"""Which failures end what. An outage, a spent budget or a passed deadline is never learned from."""

from __future__ import annotations

from ..core.errors import (
    BudgetExceeded,
    DeadlineExceeded,
    ModelOutputInvalid,
    ModelRefused,
    ModelUnavailable,
)

SPENT = (BudgetExceeded, DeadlineExceeded)
"""The run ends with what it has."""

LEARNING_FAILURES = (ModelUnavailable, ModelOutputInvalid, ModelRefused, *SPENT)
"""The run stands, less is learned from it. Not a wrong key or a diverged replay: those come out."""
