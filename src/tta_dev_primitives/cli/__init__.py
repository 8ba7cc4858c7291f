"""The command line `playbox`."""

from .app import main

__all__ = ["main"]
