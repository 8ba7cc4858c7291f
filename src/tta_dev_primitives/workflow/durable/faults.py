"""What SQLite and the file system report, as errors of our tree that name the journal and the remedy."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from ...core.errors import JournalCorrupt, StoreError, StoreUnavailable

_CORRUPT = frozenset(
    # SQLITE_ERROR says that a statement does not fit the tables, and all of ours fit those that we made.
    {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_ERROR}
)


@contextmanager
def faults(path: Path) -> Generator[None]:
    """Turn errors of SQLite and of the file system into errors of the tree.

    Raises:
        StoreError: one of its leaves.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise _from_sqlite(path, error) from error
    except UnicodeDecodeError as error:  # SQLite quotes a damaged definition of a table in its message
        raise corrupt(path, f"SQLite reports {error.object!r}") from error
    except StoreError:
        raise
    except OSError as error:
        raise StoreUnavailable(
            f"the journal {str(path)!r} cannot be used: {error}; what was committed is intact; name a file "
            "in a folder that can be written, or free disk space"
        ) from error


def corrupt(path: Path, what: str) -> JournalCorrupt:
    """Return the error that `path` is damaged at `what`."""
    return JournalCorrupt(
        f"the journal {str(path)!r} is damaged: {what}; it was not changed; restore it from a backup, or "
        "move it away to begin a new one, which knows nothing of the runs so far"
    )


def _from_sqlite(path: Path, error: sqlite3.Error) -> StoreError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary result code
    if code in _CORRUPT:
        return corrupt(path, f"SQLite reports {str(error)!r}")
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    return StoreUnavailable(
        f"the journal {str(path)!r} cannot be used now: {error} ({name}); what was committed is intact; free "
        "disk space, make the file writable, or end what holds it, then resume the run"
    )
