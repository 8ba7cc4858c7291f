"""Agentic context engineering: generate, run, judge, reflect, curate, and keep what was learned."""

from .cognitive_manager import SelfLearningCodePrimitive
from .options import AceOptions, Curate, Reflect, ace_faithful
from .playbook import Playbook
from .result import LearningResult
from .task import CodeTask

__all__ = [
    "AceOptions",
    "CodeTask",
    "Curate",
    "LearningResult",
    "Playbook",
    "Reflect",
    "SelfLearningCodePrimitive",
    "ace_faithful",
]
