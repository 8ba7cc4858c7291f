"""Sandboxes: run code that nobody trusts and say what really happened."""

from .types import Execution, ExecutionError, Isolation, Limits, Logs, Result, Sandbox, Stop, Usage

__all__ = [
    "Execution",
    "ExecutionError",
    "Isolation",
    "Limits",
    "Logs",
    "Result",
    "Sandbox",
    "Stop",
    "Usage",
]
