"""Fakes for the tests of programs that use this package; each follows the contract of what it stands for."""

from .scripted_model import Answer, ScriptedModel

__all__ = ["Answer", "ScriptedModel"]
