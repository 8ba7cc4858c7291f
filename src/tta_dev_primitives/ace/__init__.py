"""Agentic context engineering: generate, run, judge, reflect, curate, and keep what was learned."""

from .cognitive_manager import SelfLearningCodePrimitive
from .options import AceOptions, Curate, Reflect, ace_faithful
from .playbook import Playbook
from .result import LearningResult
from .task import CaseInput, CodeTask, HiddenInput, TaskInput

__all__ = [
    "AceOptions",
    "CaseInput",
    "CodeTask",
    "Curate",
    "HiddenInput",
    "LearningResult",
    "Playbook",
    "Reflect",
    "SelfLearningCodePrimitive",
    "TaskInput",
    "ace_faithful",
]
