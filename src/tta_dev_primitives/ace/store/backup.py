"""A backup of an SQLite playbook, made while it is in use: complete, or not there."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from ...core.errors import ConfigurationError
from .sqlite_rows import SqliteRows


def back_up(rows: SqliteRows, target: Path) -> None:
    """Copy what `rows` are in to the new file `target`; it appears when it is whole and safe on disk.

    Raises:
        ConfigurationError: `target` exists.
    """
    if target.exists():
        raise ConfigurationError(f"{str(target)!r} exists; a backup is a new file, so name another")
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with closing(sqlite3.connect(unfinished)) as copy:
            rows.copy_to(copy)
            copy.execute("PRAGMA journal_mode = DELETE").fetchone()  # one file, without a log beside it
        _sync(unfinished)
        os.link(unfinished, target)  # fails if another process has made the target meanwhile
    except FileExistsError:
        raise ConfigurationError(f"{str(target)!r} exists; a backup is a new file, so name another") from None
    finally:
        unfinished.unlink(missing_ok=True)
    _sync(target.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
