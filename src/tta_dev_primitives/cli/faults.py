"""What goes wrong, told in one line and as an exit code; a traceback only for --debug."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from io import UnsupportedOperation
from pathlib import Path

from ..core.errors import PlaybookConflict, PlayboxError
from .exits import ExitCode, code_of
from .interrupts import Interrupted
from .screen import Screen, safe

_REPORT = "this is a fault of playbox; run it again as `playbox --debug ...` and report what it prints"


def tell_error(error: PlayboxError, screen: Screen, *, debug: bool) -> ExitCode:
    """Report an error of the tree."""
    more = _versions(error) if isinstance(error, PlaybookConflict) else None
    _tell(type(error).__name__, str(error), screen, getattr(error, "__notes__", ()), more)
    _trace(error, screen, debug=debug)
    return code_of(error)


def tell_usage(message: str, path: str, screen: Screen) -> ExitCode:
    """Report a command line that cannot be understood; `path` is the command it was about."""
    _tell("UsageError", message, screen)
    if not screen.as_json:
        screen.tell(f"try: {path} --help")
    return ExitCode.USAGE


def tell_interrupt(error: Interrupted, screen: Screen) -> ExitCode:
    """Report a signal and what was kept."""
    kind = "Terminated" if error.number == signal.SIGTERM else "Interrupted"
    _tell(kind, f"{error}: {error.kept}" if error.kept else str(error), screen)
    return ExitCode.TERMINATED if error.number == signal.SIGTERM else ExitCode.INTERRUPTED


def tell_system(error: OSError, screen: Screen, *, debug: bool) -> ExitCode:
    """Report what the system refuses: nearly always stdout, so not there; what it still holds is dropped."""
    with suppress(OSError, UnsupportedOperation), Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
    screen.err.print(f"error: {safe(str(error))}", style="red", soft_wrap=True)
    _trace(error, screen, debug=debug)
    return ExitCode.FAILED


def tell_fault(error: Exception, screen: Screen, *, debug: bool) -> ExitCode:
    """Report what should not have happened."""
    _tell(type(error).__name__, f"{error or type(error).__name__}; {_REPORT}", screen)
    _trace(error, screen, debug=debug)
    return ExitCode.FAULT


def _versions(error: PlaybookConflict) -> Mapping[str, object]:
    """Return both versions of the strategy, for JSON."""
    return {
        "strategy": error.bullet,
        "wanted": {"content": error.wanted, "on_revision": error.based_on},
        "current": {"content": error.current, "revision": error.revision},
    }


def _tell(
    kind: str,
    message: str,
    screen: Screen,
    notes: Sequence[str] = (),
    conflict: Mapping[str, object] | None = None,
) -> None:
    if screen.as_json:
        told: dict[str, object] = {"notes": [safe(note) for note in notes]} if notes else {}
        told |= {"conflict": conflict} if conflict else {}
        screen.document({"error": {"type": kind, "message": safe(message), **told}})
        return
    screen.err.print(f"error: {safe(message)}", style="red", soft_wrap=True)
    for note in notes:
        screen.err.print(safe(note), soft_wrap=True)


def _trace(error: Exception, screen: Screen, *, debug: bool) -> None:
    if debug:
        screen.err.print(safe("".join(traceback.format_exception(error))), soft_wrap=True)
