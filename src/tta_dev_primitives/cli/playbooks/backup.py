"""`playbox playbook backup`."""

from __future__ import annotations

from pathlib import Path

from ...core.errors import ConfigurationError
from ..exits import ExitCode
from ..interrupts import interruptible
from ..screen import open_screen, plural, safe
from ..session import Session
from .place import existing, load, store_at


def back_up_playbook(session: Session, place: str | None, target: str, *, as_json: bool) -> ExitCode:
    """Copy the playbook to a file, and say what the copy holds.

    Raises:
        ConfigurationError: the target exists, or is no file.
    """
    if "://" in target:
        raise ConfigurationError(
            "a backup is a file; `playbox playbook copy A B` copies a playbook to a server, and pg_dump "
            "backs up all that is on one"
        )
    store, screen = existing(session, place), open_screen(as_json=as_json)
    interruptible(lambda: store.backup(Path(target)))
    copied = load(store_at(session, target))
    if as_json:
        screen.document({"playbook": store.location, "backup": str(target), "version": copied.version})
    else:
        screen.show(
            f"version {copied.version} with {plural(copied.size, 'strategy')} copied to {safe(str(target))}"
        )
    return ExitCode.OK
