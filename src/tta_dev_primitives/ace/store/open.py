"""From the name that a user gives to the store that keeps the playbook."""

from __future__ import annotations

from pathlib import Path
from typing import overload

from ...core.errors import ConfigurationError
from .backup import SUFFIXES
from .lasting import LastingStore
from .place import PlaceName, place_of
from .postgres.address import Address
from .sqlite import SqliteStore

DEFAULT = Path(".playbox") / "playbook.db"


@overload
def open_store(place: Path | None = None) -> SqliteStore: ...
@overload
def open_store(place: PlaceName | None) -> LastingStore: ...
def open_store(place: PlaceName | None = None) -> LastingStore:
    """Return the store at `place`; nothing is read or written yet.

    A path, by its suffix. `.json`: an SQLite file beside it, the JSON kept equal to it. `.db`, `.sqlite`,
    `.sqlite3`: that file. None: `.playbox/playbook.db` under the working directory. A postgresql:// address:
    the playbook that it names on that server, see `PostgresStore`.

    Raises:
        ConfigurationError: another suffix or address, or the extra `postgres` is not installed.
    """
    if place is None:
        return SqliteStore(Path.cwd() / DEFAULT)
    found = place_of(place)
    return _on_a_server(found) if isinstance(found, Address) else _in_a_file(found)


def _on_a_server(address: Address) -> LastingStore:
    try:
        from .postgres.store import PostgresStore  # noqa: PLC0415  # an extra
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"a playbook on a server needs {error.name}, which is not installed; "
            "install it with: pip install 'tta-dev-primitives[postgres]'"
        ) from None
    return PostgresStore(address)


def _in_a_file(path: Path) -> SqliteStore:
    if path.suffix == ".json":
        return SqliteStore(path.with_suffix(".db"), view=path)
    if path.suffix in SUFFIXES:
        return SqliteStore(path)
    raise ConfigurationError(f"playbook {str(path)!r}: the name must end in .json, .db, .sqlite or .sqlite3")
