"""Fakes that users may use in their own tests."""

from .memory_store import MemoryStore as MemoryStore
