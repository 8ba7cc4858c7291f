"""`playbox playbook copy`."""

from __future__ import annotations

from ...ace.store.copying import copy
from ..exits import ExitCode
from ..patience import patiently
from ..screen import open_screen, plural, safe
from ..session import Session
from .place import existing, load, store_at


def copy_playbook(session: Session, first: str, second: str, *, as_json: bool) -> ExitCode:
    """Copy a playbook with its history, and say what the copy holds."""
    screen, target = open_screen(as_json=as_json), store_at(session, second)
    source = existing(session, first, remedy="name one that is there")
    load(source)  # which takes over what a person wrote into a JSON file
    copied = patiently("copying", lambda: copy(source, target))
    if as_json:
        screen.document(
            {
                "playbook": target.location,
                "from": source.location,
                "version": copied.version,
                "size": copied.size,
            }
        )
    else:
        told = f"version {copied.version} with {plural(copied.size, 'strategy')}, each hash as it was"
        screen.show(f"{told}, copied from {safe(source.location)} to {safe(target.location)}")
    return ExitCode.OK
