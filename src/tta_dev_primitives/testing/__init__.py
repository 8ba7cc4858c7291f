"""Fakes for the tests of programs that use this package; each follows the contract of what it stands for."""

from .memory_store import MemoryStore
from .mock_primitive import Call, MockPrimitive
from .obedient import ObedientModel
from .prompts import shows
from .scripted_model import Answer, ScriptedModel

__all__ = ["Answer", "Call", "MemoryStore", "MockPrimitive", "ObedientModel", "ScriptedModel", "shows"]
