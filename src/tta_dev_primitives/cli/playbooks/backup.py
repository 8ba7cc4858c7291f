"""`playbox playbook backup`."""

from __future__ import annotations

from typing import Final

from ..exits import ExitCode
from ..patience import patiently
from ..screen import open_screen, plural, safe
from ..session import Session
from .place import existing, file_named, load, store_at

_INSTEAD: Final = (
    "`playbox playbook copy A B` copies a playbook to a server, and pg_dump backs up all that is on one"
)


def back_up_playbook(session: Session, place: str | None, target: str, *, as_json: bool) -> ExitCode:
    """Copy the playbook to a file, and say what the copy holds.

    Raises:
        ConfigurationError: the target exists, or is no file.
    """
    file = file_named(target, _INSTEAD)
    store, screen = existing(session, place), open_screen(as_json=as_json)
    patiently("copying", lambda: store.backup(file))
    copied = load(store_at(session, file))
    if as_json:
        screen.document({"playbook": store.location, "backup": str(file), "version": copied.version})
    else:
        screen.show(
            f"version {copied.version} with {plural(copied.size, 'strategy')} copied to {safe(str(file))}"
        )
    return ExitCode.OK
