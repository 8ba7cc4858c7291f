"""Boxes: places in the jail with a disk and processes of their own that live until they are closed."""

from .box import BOX_LIMITS, Box
from .cell import Displayed, SessionEvent, Stderr, Stdout
from .checkpoint import Checkpoint
from .files import BoxFiles, Entry, EntryKind
from .process import BoxProcess, Printed, ProcessEnd
from .session import Session

__all__ = [
    "BOX_LIMITS",
    "Box",
    "BoxFiles",
    "BoxProcess",
    "Checkpoint",
    "Displayed",
    "Entry",
    "EntryKind",
    "Printed",
    "ProcessEnd",
    "Session",
    "SessionEvent",
    "Stderr",
    "Stdout",
]
