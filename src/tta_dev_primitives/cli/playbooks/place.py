"""Which playbook a command is about, and reading it without making one."""

from __future__ import annotations

from pathlib import Path

from ...ace.playbook import Playbook
from ...ace.store import SqliteStore, open_store
from ...core.errors import ConfigurationError
from ..interrupts import interruptible
from ..screen import open_screen
from ..session import Session
from .damage import tell_damage


def store_at(session: Session, path: Path | None) -> SqliteStore:
    """Return the store at `path`, else the configured one, else the default one."""
    return open_store(path or session.settings().playbook)


def existing(session: Session, path: Path | None) -> SqliteStore:
    """Return the store, which must hold something.

    Raises:
        ConfigurationError: there is no such file.
    """
    store = store_at(session, path)
    file = Path(store.location)
    if file.exists() or file.with_suffix(".db").exists():
        return store
    raise ConfigurationError(
        f"there is no playbook {str(file)!r} yet; `playbox run` makes one, --playbook PATH names another"
    )


def load(store: SqliteStore) -> Playbook:
    """Return the latest playbook; what of it is damaged is told on stderr."""
    playbook = interruptible(store.load)
    tell_damage(playbook, store.location, open_screen())
    return playbook
