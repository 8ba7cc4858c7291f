"""Runs on E2B: code interpreter sandboxes, which are virtual machines of that provider."""

from .sandbox import E2BSandbox

__all__ = ["E2BSandbox"]
