"""Which playbook a command is about, and reading it without making one."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Final

from ...ace.bullet import Bullet
from ...ace.playbook import Playbook
from ...ace.store import SqliteStore, open_store
from ...ace.store.lasting import LastingStore
from ...core.errors import ConfigurationError
from ..interrupts import interruptible
from ..patience import patiently
from ..screen import one_line, open_screen
from ..session import Session
from .damage import tell_damage

_KEY: Final = re.compile(r"\?playbook=(.*)&schema=")
_NOT_IN_A_NAME: Final = re.compile(r"[^\w.-]+")
_ANOTHER: Final = "`playbox run` makes one, --playbook PATH names another"


def store_at(session: Session, place: str | Path | None) -> LastingStore:
    """Return the store at `place`, else the configured one, else the default one."""
    store = open_store(session.settings().playbook if place is None else place)
    if not isinstance(store, SqliteStore):  # which holds nothing open
        session.opened.callback(lambda: asyncio.run(store.aclose()))
    return store


def existing(session: Session, place: str | Path | None, *, remedy: str = _ANOTHER) -> LastingStore:
    """Return the store, which must hold something; `remedy` is told where it holds nothing.

    Raises:
        ConfigurationError: there is no such file, or nothing on the server.
        StoreError: the server cannot be reached.
    """
    store = store_at(session, place)
    if _holds_something(store):
        return store
    raise ConfigurationError(f"there is no playbook {store.location!r} yet; {remedy}")


def load(store: LastingStore) -> Playbook:
    """Return the latest playbook; what is damaged, or not taken over from a JSON file, is told on stderr."""
    playbook = patiently("reading the playbook", store.load)
    tell_skipped(store)
    tell_damage(playbook, store.location, open_screen())
    return playbook


def tell_skipped(store: LastingStore) -> None:
    """Tell what could not be taken over from a JSON file, such as an edit that came too late."""
    if isinstance(store, SqliteStore):
        told = (f"{item.place}: {one_line(item.reason, 400)}" for item in store.skipped)
        open_screen().tell(*(f"not taken over from {store.location}, {line}" for line in told))


def strategy_named(playbook: Playbook, name: str) -> Bullet:
    """Return the strategy with this display id or id.

    Raises:
        ConfigurationError: there is no such strategy.
    """
    bullet = playbook.get(name)
    if bullet is None:
        raise ConfigurationError(f"there is no strategy {name!r}; `playbox playbook show --all` lists them")
    return bullet


def file_named(name: str, instead: str) -> Path:
    """Return the file `name`, which must be one and no address; `instead` is what to do for one on a server.

    Raises:
        ConfigurationError: it is an address. It may hold a password, and is not shown.
    """
    if "://" in name:
        raise ConfigurationError(f"that is the address of a server, and a file is wanted; {instead}")
    return Path(name)


def name_of(location: str) -> str:
    """Return the short name of the playbook at `location`, fit for a file's."""
    key = _KEY.search(location)
    return _NOT_IN_A_NAME.sub("-", key[1]) if key else Path(location).name


def _holds_something(store: LastingStore) -> bool:
    if isinstance(store, SqliteStore):
        file = Path(store.location)
        return file.exists() or file.with_suffix(".db").exists()
    return interruptible(store.load).version > 0 or bool(interruptible(lambda: store.episodes(limit=1)))
