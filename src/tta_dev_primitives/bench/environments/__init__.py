"""A benchmark that cannot be memorised: invented libraries with undocumented quirks, made from a seed.

A guest that looks at a library finds no rule; one that digs through its process can. README.md says how far
that goes.
"""

from __future__ import annotations

from .environment import TASKS, Environment, EnvironmentTask, Library, make_environment
from .families import Quirk

__all__ = ["TASKS", "Environment", "EnvironmentTask", "Library", "Quirk", "make_environment"]
