"""Sandboxes: run code that nobody trusts and say what really happened."""

from .code_execution import CodeExecutionPrimitive, CodeInput, CodeOutput
from .e2b import E2BSandbox
from .local import LocalSandbox
from .open import open_sandbox
from .types import Execution, ExecutionError, Isolation, Limits, Logs, Result, Sandbox, Stop, Usage

__all__ = [
    "CodeExecutionPrimitive",
    "CodeInput",
    "CodeOutput",
    "E2BSandbox",
    "Execution",
    "ExecutionError",
    "Isolation",
    "Limits",
    "LocalSandbox",
    "Logs",
    "Result",
    "Sandbox",
    "Stop",
    "Usage",
    "open_sandbox",
]
