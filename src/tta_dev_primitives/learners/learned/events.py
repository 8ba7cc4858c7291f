"""What `Learned` reports while it runs, beside the events that it shares with the code loop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...core.attributes import Attribute
from ...core.events import Event
from .verdict import Ending


@dataclass(frozen=True, slots=True, kw_only=True)
class StepJudged(Event):
    """A step gave something, and it was judged.

    `score` is 0..1. `feedback` is what the judge said: foreign text, redacted and cut to some lines.
    """

    step: str
    task_id: str
    ending: Ending
    score: float
    feedback: str
    error: str = ""

    def attributes(self) -> Mapping[str, Attribute]:
        """Return the verdict, by the names that the verdict on a program has."""
        return {
            "playbox.step": self.step,
            "playbox.task_id": self.task_id,
            "playbox.attempt": 1,
            "playbox.verdict.kind": self.ending.value,
            "playbox.verdict.success": self.ending is Ending.PASSED,
            "playbox.verdict.score": self.score,
            "playbox.verdict.unchecked": self.ending is Ending.UNJUDGED,
            "playbox.verdict.error": self.error,
        }

    def contents(self) -> Mapping[str, str]:
        """Return what the judge said, which may hold foreign text."""
        return {"playbox.verdict.feedback": self.feedback}


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningFailed(Event):
    """A model, a sandbox or the store failed while a step's result was judged, studied or kept.

    The result of the step stands. `stored` says whether the run counts as evidence all the same.
    """

    step: str
    task_id: str
    error_type: str
    reason: str
    stored: bool
