"""What SQLite and the file system report, as errors of our tree that name the file and the remedy."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ...core.errors import (
    ConfigurationError,
    PlaybookCorrupt,
    PlaybookReadOnly,
    StoreError,
    StoreUnavailable,
)

_CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT})
_READ_ONLY = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH})
_NO_PLACE = frozenset({errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.ELOOP})
_DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
RESTORE: Final = (
    "restore it from a backup or an export, or let `playbox playbook salvage` make a new playbook of all "
    "that can be read"
)
_RESTORE_ON_A_SERVER: Final = (
    "restore the server's own backup, or copy a file to another key on it: "
    "`playbox playbook copy BACKUP.db ADDRESS`"
)


@contextmanager
def faults(path: Path) -> Generator[None]:
    """Turn errors of SQLite and of the file system into errors of the tree.

    Raises:
        StoreError: one of its leaves.
        ConfigurationError: `path` cannot be a file.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise _from_sqlite(path, error) from error
    except UnicodeDecodeError as error:  # of a message of SQLite that quotes the damage
        raise corrupt(path, "SQLite reports something that is no text") from error
    except StoreError:
        raise
    except OSError as error:
        raise _from_system(path, error) from error


def corrupt(place: Path | str, what: str) -> PlaybookCorrupt:
    """Return the error that the playbook at `place` is damaged at `what`."""
    remedy = _RESTORE_ON_A_SERVER if "://" in str(place) else RESTORE
    return PlaybookCorrupt(f"the playbook {str(place)!r} is damaged: {what}; it was not changed; {remedy}")


def _from_sqlite(path: Path, error: sqlite3.Error) -> StoreError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary result code
    if code in _CORRUPT:
        return corrupt(path, f"SQLite reports {str(error)!r}")
    if code in _READ_ONLY or (code == sqlite3.SQLITE_CANTOPEN and path.exists()):
        return read_only(path)
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    return StoreUnavailable(
        f"the playbook {str(path)!r} cannot be used now: {error} ({name}); nothing was committed now, "
        "all before is intact; free disk space or check the disk, then try again"
    )


def _from_system(path: Path, error: OSError) -> StoreError | ConfigurationError:
    if error.errno in _NO_PLACE:
        return ConfigurationError(f"{str(path)!r} cannot be a playbook: {error.strerror}; name a file")
    if error.errno in _DENIED:
        return read_only(path)
    return StoreUnavailable(
        f"the playbook {str(path)!r} cannot be used now: {error}; all that was committed is intact; "
        "free disk space or check the disk, then try again"
    )


def read_only(path: Path) -> PlaybookReadOnly:
    """Return the error that `path` or its folder cannot be written."""
    return PlaybookReadOnly(
        f"the playbook {str(path)!r} or its folder cannot be written (or not be read) by this user; "
        "change its permissions, or name a file in another folder"
    )
