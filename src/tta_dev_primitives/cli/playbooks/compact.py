"""`playbox playbook compact`."""

from __future__ import annotations

from pathlib import Path

from ...ace.store import SqliteStore
from ...ace.store.compaction import Compaction
from ...core.errors import ConfigurationError
from ..exits import ExitCode
from ..patience import patiently
from ..screen import open_screen, plural, safe
from ..session import Session
from .place import existing

_KIB = 1024


def compact_playbook(
    session: Session, place: str | None, keep: int, archive: Path | None, *, as_json: bool
) -> ExitCode:
    """Move old events to an archive, and say what that saved.

    Raises:
        ConfigurationError: the playbook is not a file.
    """
    store, screen = existing(session, place), open_screen(as_json=as_json)
    if not isinstance(store, SqliteStore):
        raise ConfigurationError(
            f"the playbook {store.location!r} is on a server, and only files are compacted; "
            "`playbox playbook copy A B` makes a file of it"
        )
    done = patiently("moving old events to an archive", lambda: store.compact(keep=keep, archive=archive))
    if as_json:
        screen.document(_document(done, store.location))
    else:
        screen.show(*_told(done, store.location, keep))
    return ExitCode.OK


def _told(done: Compaction, location: str, keep: int) -> list[str]:
    if done.archive is None:
        return [
            f"nothing to move: the playbook holds no event from before its latest {plural(keep, 'version')}"
        ]
    sizes = f"{done.before / _KIB:,.0f} KiB before, {done.after / _KIB:,.0f} KiB now"
    told = [
        f"{plural(done.events, 'event')} up to version {done.version} moved to {safe(str(done.archive))}",
        f"{safe(location)}: {sizes}; keep the archive: older versions are read from it",
    ]
    if not done.shrunk:
        told.append(
            "the file could not be written anew: somebody reads it, or the disk is full; compact again later"
        )
    return told


def _document(done: Compaction, location: str) -> dict[str, object]:
    return {
        "playbook": location,
        "version": done.version,
        "events": done.events,
        "archive": None if done.archive is None else str(done.archive),
        "bytes_before": done.before,
        "bytes_after": done.after,
        "shrunk": done.shrunk,
    }
