"""A backup of an SQLite playbook, made while it is in use: complete, or not there."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Final

from ...core.errors import ConfigurationError
from .archive import copy_archive
from .base import ArchiveRow, beside
from .sqlite_rows import SqliteRows
from .sync import sync

SUFFIXES: Final = (".db", ".sqlite", ".sqlite3")
"""How the name of an SQLite file ends."""


def back_up(rows: SqliteRows, target: Path) -> None:
    """Copy what `rows` are in to the new file `target`; it appears when it is whole and safe on disk.

    Archives that are at hand are copied beside it, and are found there.

    Raises:
        ConfigurationError: `target` exists, or an archive beside it, or it is not named as an SQLite file.
    """
    refuse_other_name(target)
    moved = rows.moved()
    archives = [row for row in moved.archives() if Path(row.place).exists()] if moved else []
    for file in (target, *(beside(target, row.last) for row in archives)):
        if file.exists():
            raise ConfigurationError(f"{str(file)!r} exists; a backup is a new file, so name another")
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        for row in archives:
            copy_archive(Path(row.place), beside(target, row.last))
        with closing(sqlite3.connect(unfinished)) as copy:
            rows.copy_to(copy)
            _find_beside(copy, archives)
            copy.execute("PRAGMA journal_mode = DELETE").fetchone()  # one file, without a log beside it
        sync(unfinished)
        os.link(unfinished, target)  # fails if another process has made the target meanwhile
    except FileExistsError:
        raise ConfigurationError(f"{str(target)!r} exists; a backup is a new file, so name another") from None
    finally:
        unfinished.unlink(missing_ok=True)
    sync(target.parent)


def refuse_other_name(target: Path) -> None:
    """See that the backup will be found for what it is.

    Raises:
        ConfigurationError: its name does not end as that of an SQLite file does.
    """
    if target.suffix not in SUFFIXES:
        raise ConfigurationError(
            f"{str(target)!r}: a backup is an SQLite file, so end its name in {', '.join(SUFFIXES)}"
        )


def _find_beside(copy: sqlite3.Connection, archives: Iterable[ArchiveRow]) -> None:
    """Have the copy look for its archives beside it, wherever those of the playbook are."""
    for row in archives:
        copy.execute("UPDATE archives SET place = '' WHERE first = ?", (row.first,))
    copy.commit()
