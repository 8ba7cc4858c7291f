"""Whether somebody still writes a file: a lock that the system takes away when its process ends, however."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl


def mark_alive(file: int) -> None:
    """Hold a shared lock on an open file until it is closed, where the file system has locks."""
    if sys.platform != "win32":
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_SH)


def is_written(path: Path) -> bool | None:
    """Tell whether a process holds the file at `path`; None if this system cannot tell."""
    if sys.platform == "win32":
        return None
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    finally:
        os.close(file)
    return False
