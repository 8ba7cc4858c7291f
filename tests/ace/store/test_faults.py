"""What SQLite and the system report becomes an error of the tree, with the file and the remedy."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import pytest

from tta_dev_primitives.ace.store.faults import faults
from tta_dev_primitives.core.errors import (
    ConfigurationError,
    PlaybookCorrupt,
    PlaybookReadOnly,
    StoreUnavailable,
)


def reported(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("as SQLite says")
    error.sqlite_errorcode, error.sqlite_errorname = code, "NAME"
    return error


@pytest.mark.parametrize(
    ("error", "ours", "says"),
    [
        (reported(sqlite3.SQLITE_CORRUPT), PlaybookCorrupt, "restore it"),
        (reported(sqlite3.SQLITE_NOTADB), PlaybookCorrupt, "as SQLite says"),
        (reported(sqlite3.SQLITE_READONLY_DBMOVED), PlaybookReadOnly, "change its permissions"),
        (reported(sqlite3.SQLITE_FULL), StoreUnavailable, "free disk space"),
        (reported(sqlite3.SQLITE_IOERR_WRITE), StoreUnavailable, "all before is intact"),
        (reported(sqlite3.SQLITE_BUSY), StoreUnavailable, "try again"),
        (reported(sqlite3.SQLITE_CANTOPEN), StoreUnavailable, "as SQLite says"),
        (sqlite3.ProgrammingError("misuse"), StoreUnavailable, "misuse"),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), StoreUnavailable, "free disk space"),
        (OSError(errno.EROFS, os.strerror(errno.EROFS)), PlaybookReadOnly, "change its permissions"),
        (PermissionError(errno.EACCES, "no"), PlaybookReadOnly, "name a file in another folder"),
        (IsADirectoryError(errno.EISDIR, "Is a directory"), ConfigurationError, "name a file"),
    ],
)
def test_each_becomes_one_of_ours(tmp_path: Path, error: Exception, ours: type[Exception], says: str) -> None:
    path = tmp_path / "playbook.db"
    with pytest.raises(ours, match=says) as caught, faults(path):
        raise error
    assert str(path) in str(caught.value)
    assert caught.value.__cause__ is error


def test_a_file_that_exists_but_cannot_be_opened_is_a_matter_of_permissions(tmp_path: Path) -> None:
    path = tmp_path / "playbook.db"
    path.touch()
    with pytest.raises(PlaybookReadOnly), faults(path):
        raise reported(sqlite3.SQLITE_CANTOPEN)


def test_our_own_errors_pass(tmp_path: Path) -> None:
    mine = StoreUnavailable("mine")
    with pytest.raises(StoreUnavailable) as caught, faults(tmp_path):
        raise mine
    assert caught.value is mine
