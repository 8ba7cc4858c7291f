"""Playbooks by environment: what is learned with one set of versions, and what holds with several."""

from .environment import Environment, Layer
from .layered_store import LayeredStore
from .promotion import promote

__all__ = ["Environment", "Layer", "LayeredStore", "promote"]
