"""From the name that a user gives to the store that keeps the playbook."""

from __future__ import annotations

from pathlib import Path
from typing import overload

from ...core.errors import ConfigurationError
from .protocol import PlaybookStore
from .sqlite import SqliteStore

DEFAULT = Path(".playbox") / "playbook.db"
_SQLITE = frozenset({".db", ".sqlite", ".sqlite3"})


@overload
def open_store(place: Path | None = None) -> SqliteStore: ...
@overload
def open_store(place: Path | str | None) -> PlaybookStore: ...
def open_store(place: Path | str | None = None) -> PlaybookStore:
    """Return the store at `place`; nothing is read or written yet.

    A path, by its suffix. `.json`: an SQLite file beside it, the JSON kept equal to it. `.db`, `.sqlite`,
    `.sqlite3`: that file. None: `.playbox/playbook.db` under the working directory. A postgresql:// address:
    the playbook that it names on that server, see `PostgresStore`.

    Raises:
        ConfigurationError: another suffix or address, or the extra `postgres` is not installed.
    """
    if isinstance(place, str) and "://" in place:
        return _on_a_server(place)
    return SqliteStore(Path.cwd() / DEFAULT) if place is None else _in_a_file(Path(place))


def _on_a_server(url: str) -> PlaybookStore:
    try:
        from .postgres.store import PostgresStore  # noqa: PLC0415  # an extra
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"a playbook on a server needs {error.name}, which is not installed; "
            "install it with: pip install 'tta-dev-primitives[postgres]'"
        ) from None
    return PostgresStore(url)


def _in_a_file(path: Path) -> SqliteStore:
    if path.suffix == ".json":
        return SqliteStore(path.with_suffix(".db"), view=path)
    if path.suffix in _SQLITE:
        return SqliteStore(path)
    raise ConfigurationError(f"playbook {str(path)!r}: the name must end in .json, .db, .sqlite or .sqlite3")
