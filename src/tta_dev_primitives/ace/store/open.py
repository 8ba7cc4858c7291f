"""From the name that a user gives to the store that keeps the playbook."""

from __future__ import annotations

from pathlib import Path

from ...core.errors import ConfigurationError
from .sqlite import SqliteStore

DEFAULT = Path(".playbox") / "playbook.db"
_SQLITE = frozenset({".db", ".sqlite", ".sqlite3"})


def open_store(path: Path | None = None) -> SqliteStore:
    """Return the store at `path`, by its suffix; nothing is read or written yet.

    `.json`: an SQLite file beside it, the JSON kept equal to it. `.db`, `.sqlite`, `.sqlite3`: that file.
    None: `.playbox/playbook.db` under the working directory.

    Raises:
        ConfigurationError: another suffix.
    """
    if path is None:
        return SqliteStore(Path.cwd() / DEFAULT)
    if path.suffix == ".json":
        return SqliteStore(path.with_suffix(".db"), view=path)
    if path.suffix in _SQLITE:
        return SqliteStore(path)
    raise ConfigurationError(f"playbook {str(path)!r}: the name must end in .json, .db, .sqlite or .sqlite3")
