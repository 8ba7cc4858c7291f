"""The embedded jail: confined runs on this machine, without a server, a key or a container. See README.md."""

from .boxes import (
    BOX_LIMITS,
    Box,
    BoxFiles,
    BoxProcess,
    Checkpoint,
    Displayed,
    Entry,
    EntryKind,
    Printed,
    ProcessEnd,
    Session,
    SessionEvent,
    Stderr,
    Stdout,
)
from .jail import LocalSandbox
from .packages import Packages
from .probe import Feature, Machine, probe
from .totals import Totals

__all__ = [
    "BOX_LIMITS",
    "Box",
    "BoxFiles",
    "BoxProcess",
    "Checkpoint",
    "Displayed",
    "Entry",
    "EntryKind",
    "Feature",
    "LocalSandbox",
    "Machine",
    "Packages",
    "Printed",
    "ProcessEnd",
    "Session",
    "SessionEvent",
    "Stderr",
    "Stdout",
    "Totals",
    "probe",
]
