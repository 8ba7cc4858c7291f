"""`playbox playbook backup`."""

from __future__ import annotations

from pathlib import Path

from ..exits import ExitCode
from ..interrupts import interruptible
from ..screen import open_screen, plural, safe
from ..session import Session
from .place import existing, load, store_at


def back_up_playbook(session: Session, path: Path | None, target: Path, *, as_json: bool) -> ExitCode:
    """Copy the playbook, and say what the copy holds."""
    store, screen = existing(session, path), open_screen(as_json=as_json)
    interruptible(lambda: store.backup(target))
    copied = load(store_at(session, target))
    if as_json:
        screen.document({"playbook": store.location, "backup": str(target), "version": copied.version})
    else:
        screen.show(
            f"version {copied.version} with {plural(copied.size, 'strategy')} copied to {safe(str(target))}"
        )
    return ExitCode.OK
