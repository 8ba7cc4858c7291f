"""What `Learned` reports while it runs, beside the events that it shares with the code loop."""

from __future__ import annotations

from dataclasses import dataclass

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
