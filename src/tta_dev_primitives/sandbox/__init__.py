"""Sandboxes: run code that nobody trusts and say what really happened."""

from .code_execution import CodeExecutionPrimitive, CodeInput, CodeOutput
from .e2b import E2BSandbox
from .local import (
    BOX_LIMITS,
    Box,
    BoxProcess,
    Checkpoint,
    Displayed,
    LocalSandbox,
    Session,
    SessionEvent,
    Stderr,
    Stdout,
    Totals,
)
from .open import open_sandbox
from .types import Execution, ExecutionError, Isolation, Limits, Logs, Result, Sandbox, Stop, Usage
from .with_envs import WithEnvs

__all__ = [
    "BOX_LIMITS",
    "Box",
    "BoxProcess",
    "Checkpoint",
    "CodeExecutionPrimitive",
    "CodeInput",
    "CodeOutput",
    "Displayed",
    "E2BSandbox",
    "Execution",
    "ExecutionError",
    "Isolation",
    "Limits",
    "LocalSandbox",
    "Logs",
    "Result",
    "Sandbox",
    "Session",
    "SessionEvent",
    "Stderr",
    "Stdout",
    "Stop",
    "Totals",
    "Usage",
    "WithEnvs",
    "open_sandbox",
]
